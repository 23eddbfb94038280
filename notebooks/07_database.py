# %% [markdown]
# # Lesson 7: What if the user is gone?
#
# | | |
# |---|---|
# | **You will** | keep users in a database, and ask it anew at each request · let the database itself hold names apart · move from one token library to another without logging anybody out |
# | **Time** | 40 minutes |
# | **You need** | lesson 6 |
# | **Words you will meet** | database, SQL, session, transaction, SQL injection, bound parameter, race, unique index, response model |
#
# One file for all accounts was fine for a start. Now they move into a **database**.
# The starter has moved in a hurry, and four doors stand open.

# %% [markdown]
# ## Scene: a table of users
#
# Make the key, and give Olga a password. With `ADMIN_PASSWORD` she has an account from the start.

# %%
from workbook.notebook import *
from secrets import token_hex
from time import time

key = token_hex(32)
live(7, SECRET_KEY=key, ADMIN_PASSWORD=olga.password)

# %% [markdown]
# Alice and Mallory open accounts. Then look into the table, as a colleague with access may.
# The questions are written in **SQL**, structured query language.

# %%
alice_id = alice.sign_up().json["id"]
mallory.sign_up()
table("SELECT id, username, disabled, password_hash FROM users")

# %% [markdown]
# Look at the column `id`. On the untouched lesson a pattern leaps to the eye.
#
# ## Predict: a name that is none
#
# At the login, Mallory types a piece of SQL where her name is due.

# %% tags=["predict"]
predict("Mallory logs in with SQL in place of a name. Which status?", ...)

# %% [markdown]
# ## Attack: four open doors
#
# Mallory makes a hash of a password of her own. Her "name" ends the server's question early.
# With `UNION` she adds a second one: Alice's row, but with Mallory's hash in it.
# If a token comes back, whose is it?

# %%
from passlib.hash import bcrypt

own = bcrypt.using(rounds=10).hash("mallorys-own")
row = f"SELECT id, username, email, full_name, '{own}', disabled"
name = f"x') UNION {row} FROM users WHERE username = 'alice' --"
card = mallory.post("/login", json={"username": name, "password": "mallorys-own"})
display(reveal("Mallory logs in with SQL in place of a name. Which status?", card), card)
mallory.get("/users/me", token=(card.json or {}).get("access_token"))

# %% [markdown]
# This is **SQL injection**. On the untouched lesson the last card shows Alice's row, whole.
# Find the two keys in it that belong to the server alone.
#
# Next, Mallory leaves. She closes her account, or Olga deletes it for her. She keeps her token.
# Then Bob joins.

# %% tags=["predict"]
predict("Mallory's account is gone, and Bob has joined. What does her old token get?", ...)

# %% [markdown]
# `change` works on the table as another program would.

# %%
mallory.sign_in()
if mallory.delete("/users/me", token=mallory.token).status != 204:
    change("DELETE FROM users WHERE username = ?", "mallory")
bob.sign_up()
card = mallory.get("/profile", token=mallory.token)
display(reveal(card), card)

# %% [markdown]
# The starter counts its users to find the next id. Mallory's number was free again, so Bob got it.
# Her token still names that number. So an id must never return.
#
# Now Olga locks Bob's account, with a program of her own. Bob asks once before and once after.

# %% tags=["predict"]
predict("Bob is disabled in the table. What does his token get?", ...)

# %%
bob.sign_in()
bob.get("/profile", token=bob.token)
change("UPDATE users SET disabled = ? WHERE username = ?", True, "bob")
card = bob.get("/profile", token=bob.token)
display(reveal("Bob is disabled in the table. What does his token get?", card), card)

# %% [markdown]
# The untouched lesson looks at `disabled`, as you taught it. But it looks into its memory.
#
# The last door: somebody asks for a name that is taken. That happens every day.

# %% tags=["predict"]
predict("Somebody asks for the name alice. What does Alice's own request get then?", ...)

# %%
alice.sign_in()
taken = bob.post("/register", json=alice.registration)
card = alice.get("/profile", token=alice.token)
display(reveal(card), taken, card)

# %% [markdown]
# On the untouched lesson, one taken name stops the service for everybody.
#
# ## Investigate: session, question, library
#
# Here is the code behind it. Look for the last function of the first file.

# %%
for part in ["database.py", "find_by_name", "add_account"]:
    display(source(7, part))

# %% [markdown]
# A **session** is a talk with the database. It keeps the rows that it has read.
# It also opens a **transaction**: steps that count together or not at all.
# The starter has one session for everybody. It never forgets a row.
# When one step fails, the transaction waits to be rolled back, and so do all who come later.
#
# This is what a request needs. Each one should get its own branch, and drop it at the end.

# %%
rows = {"get_db": {"a session of its own": {"a row of the table users": {}}}}
needs = {"verify_token": {"SECRET_KEY": {}}, "find_active": rows}
tree({"GET /users/me": {"get_current_user": needs}}, title="Request, session, row")

# %% [markdown]
# The library is the other half of this lesson. Put three odd tokens before python-jose and PyJWT.
# All three are signed with the server's own key. A good library refuses them, with errors of its own family.

# %%
import jwt
from jose import jwt as jose

good, soon = Token(alice.token), int(time()) + 86400
odd = {"an unknown rule in crit": good.with_header(crit=["once"], once=True)}
odd["issued tomorrow"] = good.with_payload(iat=soon, exp=soon + 900)
odd["a header of 12,000 brackets"] = good.with_raw("header", "[" * 12_000)


def says(library, token):
    try:
        library.decode(str(token.signed_with(key)), key, algorithms=["HS256"])
    except Exception as problem:
        return type(problem).__name__
    return "let in"


# %%
cells = [[says(library, token) for library in (jose, jwt)] for token in odd.values()]
grid(list(odd), ["python-jose", "PyJWT"], cells, title="Three odd tokens")

# %% [markdown]
# python-jose takes the first two. The third makes it raise `RecursionError`, which is none of its own errors.
# So lesson 3 had to catch every `Exception`. With PyJWT that work-around can go.
#
# ## Defend: your turn
#
# Work in `lessons/lesson_07_database`. `BRIEF.md` there tells all the rules.
#
# **Your turn 1.** Give each request a session of its own, in `get_db` in `database.py`.
#
# <details><summary>Hint 1</summary>The starter makes one session when the program starts. When does it forget what it has read?</details>
# <details><summary>Hint 2</summary><code>SessionLocal()</code> makes a session. A <code>with</code> block closes it at its end, and so does what it has read.</details>
# <details><summary>Hint 3</summary>In <code>get_db</code>, write <code>with SessionLocal() as db:</code> and <code>yield db</code> inside. Then <code>shared</code>, <code>known</code> and <code>remember</code> can go.</details>
#
# **Your turn 2.** Find and add accounts safely, in `store.py`.
#
# <details><summary>Hint 1</summary>Type a name with a quote in it at the login. Where does the question to the database end then?</details>
# <details><summary>Hint 2</summary>Let SQLAlchemy write the question: <code>select(Account).where(...)</code> sends values beside it. <code>uuid4().hex</code> is an id that never returns.</details>
# <details><summary>Hint 3</summary>Compare <code>func.lower(Account.username)</code> with <code>username.lower()</code>, for <code>storable</code> names only. Put <code>db.commit()</code> in a <code>try</code>; on <code>IntegrityError</code> call <code>db.rollback()</code> and raise <code>NameTaken</code>.</details>
#
# A value that travels beside the question is a **bound parameter**. A quote in it ends nothing.
# `models.py` gives the table a **unique index** on names. The database itself refuses a second `alice`.
#
# **Your turn 3.** Verify with PyJWT, in `tokens.py`.
#
# <details><summary>Hint 1</summary>The starter catches every <code>Exception</code>. Which tokens does python-jose take without any exception?</details>
# <details><summary>Hint 2</summary><code>jwt.decode</code> of PyJWT takes the token, the key and <code>algorithms</code>. What must be there stands in <code>options={"require": REQUIRED}</code>.</details>
# <details><summary>Hint 3</summary>Catch <code>jwt.ExpiredSignatureError</code> first and raise <code>ExpiredToken</code>. Then catch <code>jwt.InvalidTokenError</code> and raise <code>InvalidToken</code>. Call <code>check_types</code> after that.</details>
#
# **Your turn 4.** Close an account, and answer with a model, in `app.py`.
#
# <details><summary>Hint 1</summary>Read what <code>/users/me</code> sends on the untouched lesson. Which two keys belong to the server alone?</details>
# <details><summary>Hint 2</summary><code>response_model=User</code> lets out the four fields of <code>User</code>, whatever the function returns. <code>remove_account</code> is ready in <code>store.py</code>.</details>
# <details><summary>Hint 3</summary>Write <code>response_model=User</code> in both decorators. In <code>close_account</code>, call <code>remove_account(db, user)</code>.</details>
#
# Save. Then start the server afresh, for the untouched one is stuck. The same attack follows.

# %% tags=["predict"]
restart()
predict("After your change: SQL in place of a name. Which status?", ...)

# %%
card = mallory.post("/login", json={"username": name, "password": "mallorys-own"})
display(reveal("After your change: SQL in place of a name. Which status?", card), card)

# %% [markdown]
# Does the move log anybody out? Set an old token and a new one side by side.

# %%
now = int(time())
old = Token(jose.encode({"sub": alice_id, "iat": now, "exp": now + 900}, key))
new = Token(alice.sign_in().json["access_token"])
facts = ["alg", "typ", "claims", "GET /users/me"]
cells = [[t.header.get(f) for t in (old, new)] for f in facts[:2]]
cells += [[", ".join(t.payload) for t in (old, new)]]
cells += [[alice.get("/users/me", token=t) for t in (old, new)]]
grid(facts, ["by python-jose", "by the server now"], cells, title="Old and new token")

# %% [markdown]
# A token is a standard, not a library. Whoever has the key reads both.
#
# Here are the attacks of the collection, each on an empty service.
# The last one sends eight registrations of one name at one moment. That is called a **race**.

# %%
raids = ["login_by_sql", "inherited_id", "taken_name", "row_returned_whole"]
raids += ["unknown_crit", "issued_in_the_future", "name_taken_at_once"]
for raid in raids:
    raided = attack(raid)
    raided.cards.clear()  # seven cards would fill the page
    display(raided)

# %% [markdown]
# ## Checkpoint
#
# These are the graded checks, as your teacher runs them.

# %%
check(7)

# %% [markdown]
# ## Seen in the wild
#
# **The address is the user.** Here `sub` holds an e-mail address.
# Mallory gives hers up. Later the company gives it to Alice. Mallory's token is from before.

# %% tags=["predict"]
predict("Alice has Mallory's old address. Whose account does Mallory's token open?", ...)

# %%
wild("email_is_the_user")
for who in (mallory, alice):
    who.sign_in()
mallory.put("/users/me/", token=mallory.token, json={"email": "m@example.com"})
alice.put("/users/me/", token=alice.token, json={"email": "mallory@example.com"})
card = mallory.get("/users/me/", token=mallory.token)
whose = card.json["username"]
display(reveal(whose), card)

# %% [markdown]
# Names and addresses change hands. An id does not. And the row went out whole, hash and all.
#
# **One model for all.** This user model holds the password, and is the answer as well.

# %%
wild("model_with_password")
token = alice.post("/token", form=alice.credentials).json["access_token"]
alice.get("/users/me", token=token)

# %% [markdown]
# A **response model** protects by what is not on it.
#
# **Look, then write.** This registration looks whether the name is free.
# Then it hashes the password, and writes. Bob sends his form eight times at one moment.
# Guess, and then count the rows of the table.

# %% tags=["predict"]
predict("Eight registrations of bob at one moment. How many get 201?", ...)

# %%
wild("look_then_insert")
seen = [one.status for one in bob.at_once(8, "POST", "/register", json=bob.credentials)]
display(reveal("Eight registrations of bob at one moment. How many get 201?", seen.count(201)))
table("users")

# %% [markdown]
# All look before the first one writes. Only the database sees every writer, so let it decide.
#
# ## You might ask
#
# **Why not a lock in Python?** It holds within one process. Two workers have two locks and one table.
#
# **Is a session for each request not slow?** It borrows a connection that is open already, and gives it back.
#
# **Can I filter quotes out of names?** Each list misses something, and Mr O'Neil cannot sign up. A bound parameter misses nothing.
#
# **May I still use python-jose?** Yes, with two checks of your own: `crit` and `iat`. And you must catch every exception.
#
# **Why does the old token of a closed account end?** Nothing was taken back. Its id is nobody's any more, and the table is asked each time.
#
# **Which database is right?** SQLite is one file, and enough here. Set `DATABASE_URL`, and the same code speaks to PostgreSQL.
#
# ## Recap
#
# - A session lives as long as its request.
# - Values travel beside the question, never inside it.
# - The database holds names apart, and ids never return.
# - What leaves the house stands on a response model.
# - Old tokens outlive a change of library, as the format is a standard.
#
# **Still open.** Everybody has an account, and nothing in it is private. Lesson 8 adds notes, and asks whose they are.
#
# **Read on.** RFC 7515 §4.1.11 defines `crit`. CWE-89 tells of injection, CWE-367 of looking before writing.
# *SQL (Relational) Databases* is a page of the FastAPI tutorial.
