"""What has to do with calendars outside this program. So far: how their tokens are kept secret (`seal`)."""
