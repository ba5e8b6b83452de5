"""The views, grouped by who asks: people, programs, monitoring."""
