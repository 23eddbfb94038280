"""The people of the service, as lesson 1 finds them: passwords in clear text (given)."""

PEOPLE: dict[str, dict[str, str]] = {
    "alice": {
        "username": "alice",
        "full_name": "Alice Amsel",
        "email": "alice@example.com",
        "password": "violin-in-winter",
    },
    "bob": {
        "username": "bob",
        "full_name": "Bob Brandt",
        "email": "bob@example.com",
        "password": "seven-green-kites",
    },
    "mallory": {
        "username": "mallory",
        "full_name": "Mallory Moor",
        "email": "mallory@example.com",
        "password": "i-read-your-mail",
    },
    "olga": {
        "username": "olga",
        "full_name": "Olga Orlow",
        "email": "olga@example.com",
        "password": "keeper-of-the-keys",
    },
}
