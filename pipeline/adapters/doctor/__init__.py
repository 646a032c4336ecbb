"""What lies on a device's disk, looked at so that nothing is changed by it; and what mends a part of it."""
