"""What has to do with calendars outside this program: Google's, calendar files, and how tokens are kept secret."""
