"""metier: skills in job posts and resumes, and explained matches to ESCO occupations."""

__all__ = ["__version__"]

__version__ = "0.1.0"
