"""Looking at networks and runs: pictures, expectations."""
