"""`python -m nngraph`: the command line without its script on the PATH."""

from nngraph.cli import main

if __name__ == "__main__":
    main()
