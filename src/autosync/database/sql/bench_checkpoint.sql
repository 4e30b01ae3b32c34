-- Writes out everything, so that no run pays for the one before.
checkpoint -- noqa: PRS
