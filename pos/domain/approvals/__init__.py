"""What a till should ask a person about before it happens: rules of very high certainty, and what they say.

A rule knows one fact that cannot be argued about (an amount, a receipt that is not named, a refund that was given
already). ``approve`` always means that a person decides, here and now (GDPR Art. 22): a rule never refuses.
"""
