"""The day itself: seats, printouts, the door, and afterwards."""
