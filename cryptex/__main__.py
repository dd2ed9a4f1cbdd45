"""`python -m cryptex` is the `cryptex` command."""

from cryptex.cli.main import main

if __name__ == "__main__":
    main()
