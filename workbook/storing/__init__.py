"""Opening what a submission has stored, which may be made to harm who opens it."""
