# %% [markdown]
# # Lesson 10: Read or write?
#
# | | |
# |---|---|
# | **You will** | give a token less power than its user has · ask each route for the scope that its reading or writing needs · refuse with 403 and name the scope that is missing |
# | **Time** | 35 minutes |
# | **You need** | lessons 8 and 9 |
# | **Words you will meet** | scope, least privilege, insufficient_scope, invalid_scope, consent |
#
# A role says what a person may do. But people use programs, and not every program deserves all of it.

# %% [markdown]
# ## Scene: a token for one program
#
# You run the service. Make its key, give Olga her account, and start the server.

# %%
from workbook.notebook import *
from secrets import token_hex

key = token_hex(32)
live(10, SECRET_KEY=key, ADMIN_PASSWORD=olga.password)

# %% [markdown]
# Alice, Bob and Mallory open accounts. Alice writes a note.

# %%
for person in [alice, bob, mallory]:
    person.id = person.sign_up().json["id"]
    person.sign_in()
alice.post(
    "/notes", token=alice.token, json={"title": "Diary", "body": "The key is under the mat."}
)

# %% [markdown]
# Alice likes a small program that shows notes on her wall. It only has to read.
# So it asks for a token with one **scope**: `notes:read`. That is a word that says what a token is good for.


# %%
def ask_for(person, scope):
    return person.post("/token", form={"scope": scope, **person.credentials})


card = ask_for(alice, "notes:read")
wall = card.json["access_token"]
card

# %% [markdown]
# The token answer names the scope, and so does the token itself.

# %%
display(Token(wall))
alice.get("/notes", token=wall)

# %% [markdown]
# The wall shows the note. To give a program what its work needs, and no more, is called **least privilege**.
#
# ## Predict: the wall writes back
#
# Mallory breaks into the program and takes its token. It was made for reading.

# %% tags=["predict"]
predict("The wall's token writes a note. Which status?", ...)

# %% [markdown]
# ## Attack: more than was meant
#
# Run it. Then she tries the same kind of token of Bob's at his account.

# %%
forged = {"title": "To my bank", "body": "Please send all I have to Mallory."}
card = mallory.post("/notes", token=wall, json=forged)
display(reveal("The wall's token writes a note. Which status?", card), card)

# %%
bobs_wall = ask_for(bob, "notes:read").json["access_token"]
display(mallory.delete("/users/me", token=bobs_wall))
bob.sign_in()

# %% [markdown]
# On the untouched lesson Bob has no account any more. A program that shows notes has closed it.
#
# Mallory also has an account of her own, without any role. What if she asks for more?

# %% tags=["predict"]
predict("Mallory asks for users:admin. Is it in her token?", ...)

# %% [markdown]
# She asks, and a **grid** sets three things side by side: what she asked for, what a user may have, what she got.


# %%
def wish(asked):
    allowed = mallory.sign_in().json["scope"].split()  # who asks for nothing gets all of that
    card = ask_for(mallory, asked)
    got, asked = card.json.get("scope", "").split(), asked.split()
    scopes = sorted({*allowed, *asked})
    rows = [[one in asked, one in allowed, one in got] for one in scopes]
    display(grid(scopes, ["asked", "allowed", "granted"], rows))
    return got


got = wish("notes:read users:admin")
reveal("Mallory asks for users:admin. Is it in her token?", "users:admin" in got)

# %% [markdown]
# On the untouched lesson *granted* is a copy of *asked*. It should be what *asked* and *allowed* share.
# The admin area still asks for the role, so she stays out of it here. Another service may believe her token.
#
# Next, one door and many tokens. You sign some odd tokens with the server's key, as an old program might.

# %% tags=["predict"]
predict("A token with the scope notes:reader asks for the notes. Which status?", ...)

# %% [markdown]
# The first row should say yes, and no other.


# %%
def odd_scopes():
    mine = Token(wall)
    sent = {one: mine.with_payload(scope=one) for one in ["notes:read", "notes:reader", "notes:*"]}
    sent |= {"an empty scope": mine.with_payload(scope=""), "no scope": mine.without("scope")}
    sent["the number 5"] = mine.with_payload(scope=5)
    return {one: alice.get("/notes", token=token.signed_with(key)) for one, token in sent.items()}


odd = odd_scopes()
display(
    reveal(
        "A token with the scope notes:reader asks for the notes. Which status?", odd["notes:reader"]
    )
)
grid(list(odd), ["GET /notes"], [[card] for card in odd.values()])

# %% [markdown]
# ## Investigate: where the words are read
#
# Here is what grants a scope, and what asks for it.

# %%
display(source(10, "grant"))
source(10, "get_current_user")

# %% [markdown]
# `needed.scopes` holds what the route asks for. `Security(get_current_user, scopes=[…])` puts it there.
# On the untouched lesson `sent` is one long text, and `in` finds letters inside it.
# And `any` is glad with one scope, where a route needs two.
#
# Now think before you write. Which routes read, and which change something?
# Write `"reads"` or `"changes"` behind each one. Is every `POST` a change?

# %%
mine = {"GET /notes": ..., "POST /notes": ..., "PUT /notes/{note}": ..., "GET /users/me": ...}
mine |= {"PUT /users/{id}": ..., "POST /introspect": ..., "DELETE /notes/{note}": ...}

# %% [markdown]
# The database knows. Alice calls each route once, and the cell compares the tables before and after.

# %%
alice.sign_in()
note = alice.post("/notes", token=alice.token, json={"title": "a", "body": "b"}).json["id"]
body = {"title": "c", "body": "d", "email": "alice@example.org", "full_name": "Alice Adler"}
facts = []
for route, guess in mine.items():
    method, path = route.format(note=note, id=alice.id).split()
    before = table("users").rows, table("notes").rows
    sent = {"form": {"token": alice.token}} if path == "/introspect" else {"json": body}
    alice.call(method, path, token=alice.token, **(sent if method != "GET" else {}))
    after = table("users").rows, table("notes").rows
    facts.append(["?" if guess is ... else guess, "reads" if before == after else "changes"])
grid(list(mine), ["your guess", "what it does"], facts)

# %% [markdown]
# `POST /introspect` only looks, although it is a `POST`. Sort by what a route does, not by its method.
# A wrong answer to a reader costs a secret. A wrong answer to a writer costs the truth of the data, and perhaps the data.
# So they get scopes of their own: `notes:read`, `notes:write`, and `account:write` for the account.
#
# ## Defend: your turn
#
# Work in `lessons/lesson_10_scopes`. `BRIEF.md` there tells all the rules.
#
# **Your turn 1.** Grant what was asked for and is allowed, in `grant` in `scopes.py`.
#
# <details><summary>Hint 1</summary>Mallory asks for <code>users:admin</code>. Which line of the starter looks at who is asking?</details>
# <details><summary>Hint 2</summary><code>allowed_scopes</code> returns a set. What do two sets have in common? And who asks for nothing, asks for what?</details>
# <details><summary>Hint 3</summary>Let <code>granted</code> be <code>allowed.intersection(asked)</code> if something was asked for, else <code>allowed</code>. If it is empty, raise <code>OAuthError("invalid_scope")</code>. Return its words sorted, joined by spaces.</details>
#
# **Your turn 2.** Refuse a token that lacks a scope, in `scopes_of` and in `get_current_user`.
#
# <details><summary>Hint 1</summary>What does <code>"notes:read" in "notes:reader"</code> give? What does a token get that has no claim <code>scope</code>?</details>
# <details><summary>Hint 2</summary>In <code>scopes_of</code>, split a text into a set of words; all else is an empty set. In <code>get_current_user</code>, compare two sets: is one a part of the other?</details>
# <details><summary>Hint 3</summary>Return <code>set(scope.split()) if isinstance(scope, str) else set()</code>. Then raise <code>insufficient_scope(needed)</code> unless <code>set(needed.scopes) <= scopes_of(claims)</code>.</details>
#
# **Your turn 3.** Tell reading from writing: `Writer` in `notes.py`, `Keeper` in `security.py`.
#
# <details><summary>Hint 1</summary>Go through the routes. Which of them leave the database as it was?</details>
# <details><summary>Hint 2</summary><code>Reader</code> shows the form: <code>Security</code> hands scopes to <code>get_current_user</code>. <code>Writer</code> and <code>Keeper</code> need other scopes.</details>
# <details><summary>Hint 3</summary>In <code>notes.py</code>, let <code>Writer</code> be as <code>Reader</code>, with <code>NOTES_WRITE</code>. In <code>security.py</code>, let <code>Keeper</code> be <code>Annotated[Account, Security(get_current_user, scopes=[ACCOUNT_WRITE])]</code>.</details>
#
# **Your turn 4.** Tell clients which scopes there are: `oauth2_scheme` in `security.py`.
#
# <details><summary>Hint 1</summary>Open <code>/docs</code> and press Authorize. What could you choose there, if it were listed?</details>
# <details><summary>Hint 2</summary><code>OAuth2PasswordBearer</code> takes a dictionary: each scope, and what it is for.</details>
# <details><summary>Hint 3</summary><code>SCOPES</code> is such a dictionary. Write <code>OAuth2PasswordBearer(tokenUrl="token", scopes=SCOPES)</code>.</details>
#
# Save, and the server starts again by itself. Predict again.

# %% tags=["predict"]
predict("After your change: the wall's token writes a note. Which status?", ...)

# %% [markdown]
# The same attacks as before. Read the header `WWW-Authenticate` of the first card.

# %%
card = mallory.post("/notes", token=wall, json=forged)
display(reveal("After your change: the wall's token writes a note. Which status?", card), card)
wish("notes:read users:admin")
grid(list(odd), ["GET /notes"], [[card] for card in odd_scopes().values()])

# %% [markdown]
# Now the refusal says **insufficient_scope** and names what is missing. A client that reads it asks for that.
# Mallory gets the allowed rest of her wish. If nothing were left, she would read **invalid_scope**.
#
# Here are the attacks of the workbook's collection, each on an empty service.

# %%
raids = ["reader_writes_a_note", "reader_closes_the_account", "scope_above_the_role"]
raids += ["scope_that_looks_alike", "token_without_a_scope"]
for raid in raids:
    raided = attack(raid)
    raided.cards.clear()  # five cards would fill the page
    display(raided)

# %% [markdown]
# ## Checkpoint
#
# These are the graded checks, as your teacher runs them.

# %%
check(10)

# %% [markdown]
# ## Seen in the wild
#
# **Declared and never read.** Each route of this app says `Security(caller, scopes=[…])`. Look at the code below.

# %% tags=["predict"]
predict("Alice's token is for notes:read. It writes a note. Which status?", ...)

# %% [markdown]
# Alice asks for a token that reads, and writes with it.

# %%
wild("scopes_never_read")
reader = ask_for(alice, "notes:read").json["access_token"]
card = alice.post("/notes", token=reader, params={"text": "by a reader"})
display(reveal("Alice's token is for notes:read. It writes a note. Which status?", card), card)

# %% [markdown]
# `caller` has no parameter of the type `SecurityScopes`. So the scopes reach the page in `/docs`, and no check.
#
# **Granted as asked.** This login joins whatever words come in. The page of FastAPI that does so calls it a danger itself.

# %%
wild("scopes_as_asked")
crown = ask_for(mallory, "users:admin").json["access_token"]
mallory.get("/admin", token=crown)

# %% [markdown]
# **401 for a missing scope.** The same app answers 401 to a good token. To a client that means: log in again.
# Alice's does so, three times.

# %%
answers = []
for _ in range(3):
    token = ask_for(alice, "me").json["access_token"]
    answers.append(alice.get("/admin", token=token))
grid(["first login", "second login", "third login"], ["GET /admin"], [[card] for card in answers])

# %% [markdown]
# She would go on for ever, and her password travels each time. 403 says: I know you, and this token is not for that.
#
# ## You might ask
#
# **Where are the real authorisation and permissions?** Here they all are, and each asks one question.
# Who are you: the token. Is it yours: the owner (lesson 8). What may you do: the role (lesson 9).
# What may this program do for you: the scope. A request has to pass every one of them.
#
# **Why a scope, when there is a role?** A role belongs to a person, a scope to one token.
# The scope can only take away. A token that says `users:admin` makes nobody an admin.
#
# **Who decides which scopes a program gets?** Here the program asks and the server grants.
# Between companies a page asks the user first: *This program wants to read your notes.* That is called **consent**.
# The password never reaches the program then. Our `/token` suits a service's own programs alone.
#
# **Why does a token without a scope get nothing?** It was forgotten, or is older than the rule. Doubt must close the door.
#
# **I wish it went deeper. Where?** Look at `SecurityScopes` in `get_current_user`. FastAPI collects scopes along the whole dependency tree.
# So `admin.py` asks for `users:admin` once, for all its routes. It passes `require_role`, which names no scope, and arrives in that list.
#
# ## Recap
#
# - Granted is what was asked for **and** is allowed.
# - Whole words, and every one that is needed.
# - Reading and writing need different scopes. The method does not tell them apart; the deed does.
# - 403 with `insufficient_scope` names what is missing. 401 still comes first.
#
# **Still open.** The wall's token was stolen. It is good until it ends, and nobody can take it back.
# Lesson 11 does that.
#
# **Read on.** RFC 6749 §3.3 defines scopes, and RFC 6750 §3.1 the refusal.
# *OAuth2 scopes* is a page of the FastAPI guide for advanced users.
