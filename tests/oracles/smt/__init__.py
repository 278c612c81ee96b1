"""An SMT reading of the question: does one policy document allow a request that another one does not?"""
