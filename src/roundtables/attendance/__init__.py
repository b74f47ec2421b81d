"""Attendance: who came, apart from who answered; and what they need."""
