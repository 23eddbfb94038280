# %% [markdown]
# # Lesson 5: How does the API ask for the token?
#
# | | |
# |---|---|
# | **You will** | make a route ask for a token · read the challenge that a client gets without one · see that taking a token out of a header does not check it |
# | **Time** | 25 minutes |
# | **You need** | lesson 4, or its idea: a client logs in and gets a token |
# | **Words you will meet** | bearer token, authorization header, challenge, security scheme, dependency, OpenAPI |
#
# Alice can get a token now. She sends it along like a good guest.
# Does anybody at the door look at it?

# %% [markdown]
# ## Scene: a ticket in the header
#
# A **bearer token** is like a cloakroom ticket: whoever holds it may use it.
# Nobody asks for a name. That is why a token must stay secret.
#
# The first cell loads the workbook's helpers. The second starts this lesson's server from your own files.

# %%
from workbook.notebook import *

# %%
service = live(5)
service

# %% [markdown]
# Alice opens an account and logs in, which gives her a token.
# Then she asks for her profile, and sends the token with it.

# %%
alice.sign_up()
alice.sign_in()
honest = alice.get("/profile", params={"username": "alice"}, token=alice.token)
honest

# %% [markdown]
# Look at the left side of the card. One line there begins with `Authorization`.
# That is the **authorization header**. The next cell takes it apart.

# %%
header = honest.exchange.request.header("authorization")
scheme, _, token = header.partition(" ")
parts = {f"scheme {scheme}": {}, f"token {token}": {}}
tree({"header Authorization": parts}, title="One header, two parts")

# %% [markdown]
# The header has two parts with one space between them.
# The first word is the *scheme*. It tells what kind of proof follows. The second is the token itself.
#
# ## Predict: the same request without a ticket
#
# Mallory has no account here, and no token. She asks for Alice's profile all the same.

# %% tags=["predict"]
predict("Mallory sends no token. Which status comes back?", ...)

# %% [markdown]
# ## Attack: leave the header out
#
# Run it. You see the fact beside your guess, and then the whole exchange.

# %%
stranger = mallory.get("/profile", params={"username": "alice"})
display(reveal("Mallory sends no token. Which status comes back?", stranger), stranger)

# %% [markdown]
# The picture sets both requests side by side. Look for the words "+ token".

# %%
scene([honest, stranger], title="With a ticket, and without")

# %% [markdown]
# On the untouched lesson both get the same answer. Alice's token was never looked at.
#
# ## Investigate: who asks for the token?
#
# Read the code of the route first. Does any word in it speak of a token?
# Below it stand two functions that could ask for one.

# %%
for name in ["profile", "bearer_token", "oauth2_scheme"]:
    display(source(5, name))

# %% [markdown]
# On the untouched lesson the route lists no function that runs before it.
# Such a function is called a **dependency**: it gives the route what it needs, or it refuses.
# `bearer_token` is one, and it relies on another, `oauth2_scheme`. But no route lists them.
#
# Nor would that help yet. The starter's `oauth2_scheme` asks for nothing, so it can refuse nobody.
# FastAPI has a class for this place, called a **security scheme**.
# It reads the header, takes the token out, and answers 401 when there is none.
#
# ## Defend: your turn
#
# Open `security.py` and `app.py` in `lessons/lesson_05_bearer`. `BRIEF.md` tells all the rules.
#
# **Your turn 1.** Ask for a token at `/profile`.
#
# <details><summary>Hint 1</summary>The starter's <code>oauth2_scheme</code> asks for nothing. FastAPI has a class that reads the <code>Authorization</code> header.</details>
# <details><summary>Hint 2</summary>Make <code>oauth2_scheme</code> an <code>OAuth2PasswordBearer</code>. It wants to know <code>tokenUrl</code>, the address of lesson 4.</details>
# <details><summary>Hint 3</summary>In <code>app.py</code>, the route's decorator takes <code>dependencies=</code>, a list. Put a <code>Depends</code> of <code>bearer_token</code> in it.</details>
#
# Save your files. The server starts again by itself. Now predict again.

# %% tags=["predict"]
predict("After turn 1: Mallory sends no token. Which status?", ...)

# %% [markdown]
# The same request as before, word for word. Look for `www-authenticate` in the answer.

# %%
stranger = mallory.get("/profile", params={"username": "alice"})
display(reveal("After turn 1: Mallory sends no token. Which status?", stranger), stranger)

# %% [markdown]
# The status 401 says *refused: I do not know you*.
# The header `WWW-Authenticate: Bearer` says how to come in. It is called the **challenge**.
# A client that reads it knows what to bring.
#
# **Now in the browser.** FastAPI also writes down which route asks for what.
# This description of an API follows a standard, **OpenAPI**, and the page `/docs` is drawn from it.
# Open the address below. Turn 1 has put an *Authorize* button there, and a lock beside `/profile`.
# Press Authorize. Under `OAuth2PasswordBearer`, log in with Alice's name and password.
# Then press *Try it out* at `/profile`, and ask for the user name `alice`.

# %%
print(alice.credentials)
service

# %% [markdown]
# The button sent the password to `/token`: your `tokenUrl` told it to.
# From then on the page puts the token into the header for you.
#
# **Your turn 2.** Ask for a token at `/protected`, with a scheme that does not care where a token comes from.
#
# <details><summary>Hint 1</summary>This route does not care where the token comes from. There is a simpler scheme for that.</details>
# <details><summary>Hint 2</summary><code>HTTPBearer</code> needs no arguments. Make one and call it <code>http_bearer</code>.</details>
# <details><summary>Hint 3</summary>In <code>app.py</code>, guard <code>/protected</code> as you guarded <code>/profile</code>, with <code>http_bearer</code> in place of <code>bearer_token</code>.</details>
#
# Save. Mallory has one more idea. She writes the scheme, and no token behind it.

# %% tags=["predict"]
predict("At /profile, the header is the word Bearer alone. Which status?", ...)

# %% [markdown]
# She writes this header by hand. Your guess comes first. The card below it is the same trick at `/protected`.

# %%
bare = {"Authorization": "Bearer"}
empty = mallory.get("/profile", params={"username": "alice"}, headers=bare)
fact = reveal("At /profile, the header is the word Bearer alone. Which status?", empty)
display(fact, mallory.get("/protected", headers=bare))

# %% [markdown]
# Before turn 3, `/profile` says 200. `OAuth2PasswordBearer` found its scheme and passed on an empty text.
# `HTTPBearer` is stricter: after turn 2, `/protected` says 401.
#
# **Your turn 3.** Refuse an empty token.
#
# <details><summary>Hint 1</summary>Send the header <code>Authorization: Bearer</code> with nothing behind it. What does <code>bearer_token</code> get?</details>
# <details><summary>Hint 2</summary><code>OAuth2PasswordBearer</code> passes an empty text on. An empty text is false in an <code>if</code>.</details>
# <details><summary>Hint 3</summary>When the token is empty, raise an <code>HTTPException</code> with 401 and <code>headers=CHALLENGE</code>.</details>
#
# Now run the attacks of the workbook's collection, each with its last card.
# Mallory sends no token, an empty one, one under another scheme, and one in the address.

# %%
for name in ["call_without_token", "empty_token", "another_scheme", "token_in_the_url"]:
    display(attack(name))

# %% [markdown]
# ## Checkpoint
#
# These are the graded checks. Your teacher's `pytest` runs the very same ones.

# %%
check(5)

# %% [markdown]
# ## The surprise
#
# Say that everything holds now. Is Alice's door safe? Mallory makes up a token.

# %% tags=["predict"]
predict("Mallory's token is the text any-string. Which status?", ...)

# %% [markdown]
# Send it. Behind it comes the same attack from the workbook's collection.
# It works on your finished lesson, and it is meant to.

# %%
text = "any-string"
made_up = mallory.get("/profile", params={"username": "alice"}, token=text)
display(reveal("Mallory's token is the text any-string. Which status?", made_up), made_up)

# %%
attack("any_string_is_a_token")

# %% [markdown]
# A text that nobody ever issued opens the door. Ask the API itself what it thinks of that text.
# Then draw what your two routes need, once your turns are done.

# %%
mallory.post("/introspect", form={"token": text})

# %%
guard = {"bearer_token": {"oauth2_scheme": {"header Authorization": {}}}}
missing = {"verify_token: missing": {}}
routes = {"GET /profile": guard | missing}
routes["GET /protected"] = {"http_bearer": {"header Authorization": {}}} | missing
tree(routes, title="Where the check is still missing")

# %% [markdown]
# It answers *not active*. Your `verify_token` of lesson 3 knows a bad token when it sees one.
# But no route asks it: that is the box with "missing" in it.
# A scheme takes a token out of a header. It cannot know whether the token is good.
#
# You can do the same in the browser. Load `/docs` again and press Authorize.
# Under `HTTPBearer`, put `any-string`. The lock closes. Now try `/protected`: it lets you in.
#
# ## Seen in the wild
#
# Published tutorials know this gap, and some close it in haste.
# One writes a fixed string into the code and compares. Here is such an app, rebuilt in a few lines.
# It takes the place of your server. Two callers try two texts.

# %%
wild("fixed_token")
words, callers = [text, "summer-school"], [alice, mallory]
cards = [[caller.get("/protected", token=word) for caller in callers] for word in words]
grid(words, ["Alice", "Mallory"], cards, title="One string for everybody")

# %% [markdown]
# The made-up text is refused. But look along the second row: the API cannot tell Alice from Mallory.
# Whoever reads the code can call. The string never ends. To shut one person out, you change it for all.
#
# Another does verify, with the library PyJWT, and then adds a check of its own.
# It compares the token's `exp` with the clock. Alice logs in there and gets a good, fresh token.

# %%
wild("expiry_against_a_datetime")
alice.sign_in()
cards = [[alice.get("/protected", token=sent)] for sent in (text, alice.token)]
grid([text, "Alice's good token"], ["GET /protected"], cards, title="One check too many")

# %% [markdown]
# The bad token is refused in good order, and every **good** one crashes the route.
# The comparison alone shows why.

# %%
from datetime import UTC, datetime

try:
    print(Token(alice.token).payload["exp"] < datetime.now(UTC))
except TypeError as error:
    print(error)

# %% [markdown]
# In the token, `exp` is a number: seconds since 1970. The clock beside it is a `datetime`.
# The check was not needed: by itself, PyJWT refuses a token that has ended.
# One request with a good token would have shown the fault.
#
# ## You might ask
#
# **Why does a wrong token in Authorize still let me post?** Because Authorize checks nothing.
# The page keeps your text and adds it to each request to a route with a lock.
# The lock means "I will send a token". It does not mean "this token is good".
# Only the API can judge that, and here it does not yet. You saw it with `any-string`.
# And a route without a lock asks for no token at all, so everybody can post there.
#
# **Does `tokenUrl` protect anything?** No. It is a note for clients: here you get a token.
# With a wrong address there, the guard works as before, and the Authorize button fails.
# Some tutorials write `login`. That works only where `/login` takes a form, and yours takes JSON.
#
# **Which scheme should I take?** Both read the same header.
# `OAuth2PasswordBearer` also tells clients where to log in. `HTTPBearer` fits when tokens come from elsewhere.
#
# **Does `HTTPBearer` not answer 403?** It did in older versions of FastAPI. Today it answers 401 with a challenge.
#
# ## Recap
#
# - A bearer token travels in a header: `Authorization: Bearer`, a space, the token.
# - A route asks for a token only when it lists a dependency that does.
# - Without a token the answer is 401 with a challenge.
# - To take a token out of a header is not to check it.
#
# **Still open.** Any text passes for a token, and the API does not know who is calling. Lesson 6 finds out.
#
# **Read on.** RFC 6750 §2.1 defines the header, and RFC 6750 §3 the challenge.
# *Security - First Steps* is a page of the FastAPI tutorial. OWASP lists missing checks of tokens as API2:2023.
