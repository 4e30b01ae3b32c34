"""The faces that are reached over HTTP. No rule and no SQL lives here."""
