"""Writing the workbook: what is generated from the solutions, and the proof that it is fresh."""
