"""The service: functions, runs and their admission. It decides, never speaks HTTP, never touches an interpreter."""
