# %% [markdown]
# # Lesson 6: Who is calling?
#
# | | |
# |---|---|
# | **You will** | turn a token into a user: verify, look up, refuse · give every bad token the same refusal · shut out users who are gone or disabled |
# | **Time** | 35 minutes |
# | **You need** | lessons 3 and 5 |
# | **Words you will meet** | current user, authentication, fail open, disabled user, dependency tree, invalid_token |
#
# The API asks for a token now, and takes any text for one.
# In this lesson it finds out whose token it holds. That is called **authentication**.

# %% [markdown]
# ## Scene: a door that knows your name
#
# You play the service again, so make its key. Then start the server.

# %%
from workbook.notebook import *
from secrets import token_hex
from time import time

key = token_hex(32)
live(6, SECRET_KEY=key)

# %% [markdown]
# Alice and Mallory open accounts. Alice logs in and asks for her profile.
# The address names nobody any more. Her token alone says who she is: the **current user**.

# %%
alice_id = alice.sign_up().json["id"]
mallory.sign_up()
everybody = stored("users.json")
alice.sign_in()
alice.get("/profile", token=alice.token)

# %% [markdown]
# Read the whole answer. On the untouched lesson, one key in it should never leave the house.
#
# ## Predict: a borrowed id
#
# Mallory logs in as herself. She writes Alice's id into her token and leaves the old signature on.

# %% tags=["predict"]
predict("Mallory's token carries Alice's id. Which status?", ...)

# %% [markdown]
# ## Attack: be somebody else
#
# Run it. If the answer is 200, look whom it welcomes.

# %%
mallory.sign_in()
mine = Token(mallory.token)
card = mallory.get("/profile", token=mine.with_payload(sub=alice_id))
display(reveal("Mallory's token carries Alice's id. Which status?", card), card)

# %% [markdown]
# On the untouched lesson Mallory is Alice, and holds the hash of Alice's password.
#
# Now a list of other tokens. For the last four you lend Mallory the server's key.
# Real ones come from an old log, or from a program with a fault.


# %%
def try_tokens():
    mine, now = Token(mallory.token), int(time())
    hers = mine.with_payload(sub=alice_id)
    sent = {"her own, untouched": mine, "any-string": "any-string", "alg: none": hers.unsigned()}
    sent["a key of her own"] = hers.signed_with("a key that Mallory made up")
    sent["ended a minute ago"] = mine.with_payload(exp=now - 60).signed_with(key)
    sent["an id that nobody has"] = mine.with_payload(sub="nobody").signed_with(key)
    sent["sub is a list"] = mine.with_payload(sub=[alice_id]).signed_with(key)
    sent["no sub at all"] = mine.without("sub").signed_with(key)
    cards = [mallory.get("/profile", token=token) for token in sent.values()]
    said = [card.json or {} for card in cards]
    rows = [[c, s.get("message", s.get("detail"))] for c, s in zip(cards, said, strict=True)]
    return grid(list(sent), ["GET /profile", "it says"], rows)


try_tokens()

# %% [markdown]
# The first row should say yes, and no other.
# On the untouched lesson somebody called *stranger* comes in. Nobody ever opened such an account.
# And a missing claim crashes the server.
#
# Next, Olga finds out about Mallory. She takes Mallory's account out of the user file.
# But tokens are not in that file. Mallory's is signed, fresh and good for some minutes more.

# %% tags=["predict"]
predict("Mallory's account is deleted, her token is still fresh. Which status?", ...)

# %% [markdown]
# You are Olga for one line: `stored` writes the file anew.

# %%
stored("users.json", {"alice": everybody["alice"]})
gone = mallory.get("/profile", token=mallory.token)
display(reveal("Mallory's account is deleted, her token is still fresh. Which status?", gone), gone)

# %% [markdown]
# Olga could also keep the account and lock it. That makes a **disabled user**.
# The first card is Mallory's login, the second her token at the door. Do they agree?

# %%
locked = everybody["mallory"] | {"disabled": True}
stored("users.json", everybody | {"mallory": locked})
display(mallory.post("/login", json=mallory.credentials))
mallory.get("/profile", token=mallory.token)

# %% [markdown]
# Login looks at `disabled`. The door of the untouched lesson does not.
#
# ## Investigate: three missing checks
#
# Here is the code that turns a token into a user.

# %%
for name in ["get_current_user", "find_active", "invalid_token"]:
    display(source(6, name))

# %% [markdown]
# On the untouched lesson the first function reads a token without verifying it.
# When it cannot read one, it goes on with a stranger. So does the second when it finds nobody.
# The third answers 400, as if the request were broken.
# To let people in when a check breaks is to **fail open**. A safe door fails closed.
#
# Three checks are missing: is the signature ours, does the user exist, is the account locked?
# Now draw what one request needs once the lesson is done.

# %%
needs = {"bearer_token": {"oauth2_scheme": {"the header": {}}}}
needs["verify_token"] = {"SECRET_KEY": {}, "the clock": {}}
needs["find_active"] = {"users.json": {}}
tree({"GET /profile": {"get_current_user": needs}})

# %% [markdown]
# This is the **dependency tree** of a request. FastAPI runs `oauth2_scheme` first,
# then `bearer_token`, then `get_current_user`. That one calls `verify_token` and `find_active` by itself.
# Each branch can refuse. Without a header the request ends at `oauth2_scheme`.
# A forged or ended token ends at `verify_token`, and a dismissed user at `find_active`.
# Your route runs last, and only for a known user.
#
# ## Defend: your turn
#
# Work in `lessons/lesson_06_current_user`. `BRIEF.md` there tells all the rules.
#
# **Your turn 1.** Verify the token, in `get_current_user` in `security.py`.
#
# <details><summary>Hint 1</summary>What does the starter do when a token cannot be read? Does it close the door or open it?</details>
# <details><summary>Hint 2</summary>You wrote <code>verify_token</code> in lesson 3. It returns the claims or raises <code>InvalidToken</code>.</details>
# <details><summary>Hint 3</summary>Call <code>verify_token</code> in a <code>try</code>. In the <code>except</code>, raise what <code>invalid_token</code> returns, with <code>str</code> of the problem as its reason.</details>
#
# **Your turn 2.** Find the user, or nobody, in `find_active`.
#
# <details><summary>Hint 1</summary>A token lives for 15 minutes. What may happen to its user in that time?</details>
# <details><summary>Hint 2</summary><code>find_by_id</code> returns an account or <code>None</code>. An account has the field <code>disabled</code>.</details>
# <details><summary>Hint 3</summary>Return the account only if there is one and it is not disabled. Otherwise return <code>None</code>: no stranger in its place.</details>
#
# **Your turn 3.** Make one refusal for every bad token, in `invalid_token`.
#
# <details><summary>Hint 1</summary>400 says that the request is broken. Which number says that the caller is unknown?</details>
# <details><summary>Hint 2</summary>RFC 6750 §3.1 wants the word <code>invalid_token</code> in the header <code>WWW-Authenticate</code>.</details>
# <details><summary>Hint 3</summary>Return an <code>HTTPException</code> with 401 and <code>headers=</code>. The value starts with <code>Bearer</code> and goes on with <code>error="invalid_token"</code>.</details>
#
# Save, and the server starts again by itself. Predict again.

# %% tags=["predict"]
predict("After your change: Mallory's token with Alice's id. Which status?", ...)

# %% [markdown]
# Olga puts the user file back. Then Mallory attacks as before.

# %%
stored("users.json", everybody)
mallory.sign_in()
mine = Token(mallory.token)
card = mallory.get("/profile", token=mine.with_payload(sub=alice_id))
display(reveal("After your change: Mallory's token with Alice's id. Which status?", card), card)
try_tokens()

# %% [markdown]
# Your refusal names **invalid_token** in its header. A client that reads it knows: log in again.
# A token that has ended may say so. All others get one and the same text.
#
# **Your turn 4.** Use the current user in the routes, in `app.py`.
#
# <details><summary>Hint 1</summary>Read the whole answer of the starter's <code>/profile</code>. Which key should never leave the house?</details>
# <details><summary>Hint 2</summary>Lesson 1 kept private fields in with <code>response_model</code>. <code>Welcome</code> is ready. <code>me</code> returns what it was given.</details>
# <details><summary>Hint 3</summary><code>/introspect</code> and <code>/protected</code> need no user, only the check: add <code>Depends(get_current_user)</code> to <code>dependencies</code> in their decorators.</details>
#
# Save. Attackers try every door, so try all four. Only the last column should say yes.
# In the form, `/introspect` is asked about Alice's token each time.

# %%
alice.sign_in()
routes = ["GET /profile", "GET /users/me", "GET /protected", "POST /introspect"]
names, tokens = ["no token", "any-string", "Alice's token"], [None, "any-string", alice.token]
form = {"token": alice.token}
calls = [[(*route.split(), token) for token in tokens] for route in routes]
cards = [[alice.call(m, path, token=t, form=form) for m, path, t in row] for row in calls]
grid(routes, names, cards, title="Four doors")

# %% [markdown]
# Here are the attacks of the workbook's collection, each on an empty service.

# %%
raids = ["any_string_is_a_token", "forged_by_another_key", "profile_alg_none"]
raids += ["profile_expired_token", "profile_crashing_token"]
raids += ["deleted_users_token", "disabled_users_token"]
for raid in raids:
    raided = attack(raid)
    raided.cards.clear()  # seven cards would fill the page
    display(raided)

# %% [markdown]
# ## Checkpoint
#
# These are the graded checks, as your teacher runs them.

# %%
check(6)

# %% [markdown]
# ## Seen in the wild
#
# **The wrong exception.** In this app the guard says `raise Exception("Invalid token")`.
# Its page promises a 401 for a bad token.

# %% tags=["predict"]
predict("The guard raises Exception for a bad token. Which status?", ...)

# %% [markdown]
# Alice sends her good token first, then a text that is none.

# %%
wild("bare_exception")
alice.sign_in()
good, bad = [alice.get("/profile", token=token) for token in (alice.token, "any-string")]
display(reveal("The guard raises Exception for a bad token. Which status?", bad), good, bad)

# %% [markdown]
# FastAPI makes an answer of an `HTTPException`. Any other exception is a crash.
# The door stays shut, but the client never learns that it should log in again.
# And whoever watches over the server is woken up by every mistyped token.
#
# **Return in place of raise.** This guard ends with `return HTTPException(401, "Invalid token")`.
# One route returns the user that it gets. The other tells a secret.

# %% tags=["predict"]
predict("The guard returns its 401. Which status comes back?", ...)

# %% [markdown]
# Mallory sends any text, first for the secret, then for the user.

# %%
wild("refusal_returned")
secret = mallory.get("/protected", token="any-string")
display(reveal("The guard returns its 401. Which status comes back?", secret), secret)
mallory.get("/users/me", token="any-string")

# %% [markdown]
# A route takes whatever its dependency returns, and here that is a refusal: an object like any other.
# It has to be raised. In the list `dependencies` nobody even looks at it.
#
# **The user, whole.** This app has one model for storing and for sending.
# The route even names it as its response model.

# %%
wild("user_returned_whole")
alice.sign_in()
alice.get("/users/me", token=alice.token)

# %% [markdown]
# A response model protects only by what is not on it. Use two models, as you did.
#
# **No end required.** Here is a token without `exp`, issued a year ago. Ask python-jose twice.

# %%
from jose import JWTError, jwt

endless = jwt.encode({"sub": "7", "iat": int(time()) - 365 * 86400}, key)
print("believed:", jwt.decode(endless, key, algorithms=["HS256"]))
try:
    jwt.decode(endless, key, algorithms=["HS256"], options={"require_exp": True})
except JWTError as problem:
    print("refused:", problem)

# %% [markdown]
# ## You might ask
#
# **Why compare the expiry with the clock oneself?** You need not. The library does, whenever `exp` is there.
# But it does not miss an `exp` that is absent: tell it to, as `REQUIRED` does.
# A comparison of your own is one more place for a mistake. You saw one in lesson 5.
#
# **How does the server tell the client that a user is logged in?** It never does so by itself, for it keeps no list.
# Each request is judged anew. A client that wants to know asks `GET /users/me`.
# A 200 says who it is. A 401 with `invalid_token` says: log in again.
#
# **I always get "invalid or expired token". Why?** Lesson 3 looked inside the token. Now the cause may also lie outside.
# Perhaps the user file was emptied, the user is disabled, or `sub` holds a name where an id is looked up.
# The answer must not tell, so let the server do it. Print `repr(problem.__cause__)` in your `except`.
# Then run `uv run workbook serve 6` and watch the terminal. If nothing is printed, the token is good and the user is not.
#
# **How do I read data from the token inside a function?** Do not read the token there. Ask for the user.
# A parameter `user: CurrentUser` is all a route needs. Other functions get the user passed on by the route.
# The token holds an id and two times. All else comes fresh from the store.
#
# **Is it not slow to look the user up each time?** It is one short read. In return a lock works at once.
# A token alone would be believed until it ends.
#
# ## Recap
#
# - Verify the token, find its user, refuse everything else.
# - A good signature is not enough: the user may be gone or disabled.
# - When a check breaks, the door stays shut.
# - One refusal for all: 401, with `invalid_token` in the header.
#
# **Still open.** All accounts lie in one file, and nobody can close their own.
# Lesson 7 moves them into a database.
#
# **Read on.** RFC 6750 §3.1 defines the refusal. RFC 8725 §3.8 says to check whom a token names.
# *Get Current User* and *Sub-dependencies* are pages of the FastAPI tutorial.
