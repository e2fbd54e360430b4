"""The payment logic, shared by every front; a front only translates requests and answers."""
