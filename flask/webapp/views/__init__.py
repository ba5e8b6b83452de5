"""The views: pages for people, the API for programs, and health checks for operators."""
