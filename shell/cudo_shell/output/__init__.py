"""How results are shown: tables for people, exact formats for programs."""
