"""`make deploy`: asks for the parameters, shows what will change, deploys, and checks that a request arrives."""
