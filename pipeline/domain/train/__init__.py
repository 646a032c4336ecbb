"""The road: what happened to bundles on a device, what should run, and the steps that lead from one to the other."""
