"""`python -m workbook` is the command `workbook`."""

from workbook.cli.main import main

main()
