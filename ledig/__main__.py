"""`python -m ledig` is `ledig`."""

from ledig.main import main

if __name__ == "__main__":
    main()
