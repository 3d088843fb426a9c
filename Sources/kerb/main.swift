print("kerb")
