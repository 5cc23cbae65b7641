"""Exception rules: a rule is data, read strictly, and matched against what both witnesses of one lane said.

Pure: documents and facts in, findings with their sentences out. docs/exceptions.md describes the document.
"""
