"""XDS.b as a repository and registry: ITI-41 and ITI-43 at one address, ITI-18 at the other (IHE ITI TF-2)."""
