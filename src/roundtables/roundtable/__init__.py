"""
Roundtables: the gathering. Time, place, seats and their kinds, the Rule.

rules.py  decides what a change asks of those invited
"""
