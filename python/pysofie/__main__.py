"""`python -m pysofie`."""

from pysofie.cli import main

main()
