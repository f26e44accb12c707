"""POST /consultations: decode -> validate -> store -> answer. One conditional write, nothing else over the network."""
