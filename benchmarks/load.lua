-- Post the pictures in a folder, each in turn to each of the paths, and print the results as JSON:
--
--     wrk -t1 -c8 -d3 -s benchmarks/load.lua URL -- FOLDER PATH ...
--
-- Without a folder, wrk sends GET requests for the URL.

local requests, turn = {}, 0

function init(args)
  if #args == 0 then
    return
  end
  for name in io.popen('ls "' .. args[1] .. '"/*.png'):lines() do
    local file = assert(io.open(name, "rb"))
    local picture = file:read("*a")
    file:close() -- wrk has room for few file descriptors beside its connections
    for number = 2, #args do
      local headers = {["Content-Type"] = "image/png"}
      table.insert(requests, wrk.format("POST", args[number], headers, picture))
    end
  end
end

function request()
  if #requests == 0 then
    return wrk.format()
  end
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency, _)
  local lost = summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    '\n{"answered": %d, "requests_per_second": %.1f, "median_ms": %.2f, "p95_ms": %.2f, ' ..
    '"p99_ms": %.2f, "max_ms": %.2f, "lost": %d, "not_connected": %d, "refused": %d}\n',
    summary.requests - summary.errors.status, summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3,
    latency.max / 1e3, lost, summary.errors.connect, summary.errors.status))
end
