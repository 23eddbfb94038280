# %% [markdown]
# # Lesson 3: What is inside a token, and who can change it?
#
# | | |
# |---|---|
# | **You will** | read the three parts of a token, and know that none of them is secret · make a token that ends, and verify one with a single algorithm · refuse every bad token in the same way, and never crash on one |
# | **Time** | 40 minutes |
# | **You need** | lessons 1 and 2 |
# | **Words you will meet** | JWT, claim, header, payload, signature, HS256, base64url, algorithm, introspection |
#
# Alice can log in. But she cannot send her password with every request.
# So the service now gives her something to show in its place: a **token**.
# Mallory gets one too, and she owns a text editor.

# %% [markdown]
# ## Scene: a ticket for some minutes
#
# The service signs each token with a key. Here you play the service, so make a key for it.
# It is random, and Mallory never sees it. Then start the server.

# %%
from workbook.notebook import *
from secrets import token_hex

key = token_hex(32)
live(3, SECRET_KEY=key)

# %% [markdown]
# Three people open accounts. The service gives each of them an **id**.
# Bob's id is no secret: ids stand in links and logs. Then Alice logs in.

# %%
alice.sign_up()
mallory.sign_up()
bob_id = bob.sign_up().json["id"]
alice.sign_in()

# %% [markdown]
# The answer holds an `access_token`. What does the server think of it?
# Asking that is called **introspection**, and the endpoint is `POST /introspect`.

# %%
alice.post("/introspect", form={"token": alice.token})

# %% [markdown]
# The token is `active`: the server believes it. It belongs to the user in `sub`, and that is Alice's id.
#
# ## Predict: can Mallory edit her token?
#
# Mallory logs in as herself and gets a token of her own. In it she replaces her id by Bob's.
# She has no key. Does the server believe her? Write `True` or `False` in place of the dots.

# %% tags=["predict"]
predict("Mallory writes Bob's id into her token. Is it believed?", ...)

# %% [markdown]
# ## Attack: become Bob
#
# First look at what she holds. `Token` takes it apart and gives each part a colour of its own.

# %%
mallory.sign_in()
mine = Token(mallory.token)
mine

# %% [markdown]
# This form is a **JWT** (JSON Web Token): three parts with dots between.
# Part 1 is the **header**. It names the **algorithm** of the signature.
# Part 2 is the **payload**. It makes **claims**: whose token it is (`sub`), since when (`iat`), until when (`exp`).
# Part 3 is the **signature**.
# In the untouched lesson there is no `exp`, so this token never ends.
#
# Now forge. One claim changes, and the old signature stays.


# %%
def ask(token):
    return mallory.post("/introspect", form={"token": token})


def active(card):
    return isinstance(card.json, dict) and card.json.get("active") is True


card = ask(mine.with_payload(sub=bob_id))
display(card)
reveal("Mallory writes Bob's id into her token. Is it believed?", active(card))

# %% [markdown]
# The status 200 only means that the question was answered. Look at `active` and `sub`.
# In the untouched lesson Mallory is Bob now. She guessed no password and stole no key.
#
# Try three more forgeries. One changes a single byte of the signature.
# One says `alg: none` in the header, "nobody signed this", and leaves the signature out.
# The last is signed with a key that Mallory made up.


# %%
def try_forgeries(mine):
    bobs = mine.with_payload(sub=bob_id)
    forged = {"her own, untouched": mine, "Bob's id in it": bobs}
    forged["one byte of the signature"] = mine.with_changed_byte("signature")
    forged["alg: none"] = bobs.unsigned()
    forged["a key of her own"] = bobs.signed_with("a key that Mallory made up")
    return grid(list(forged), ["believed"], [[active(ask(one))] for one in forged.values()])


try_forgeries(mine)

# %% [markdown]
# Only the first of these rows should say yes.
#
# Mallory has a second aim: to make trouble. She sends a text that is no token at all.

# %% tags=["predict"]
predict("Mallory sends the text x as a token. Which status?", ...)

# %% [markdown]
# Send it and look.

# %%
card = ask("x")
display(card)
reveal("Mallory sends the text x as a token. Which status?", card)

# %% [markdown]
# A status of 500 means that the server failed. Strangers send rubbish all day long.
# A bad token is no accident: it needs a calm answer.
#
# ## Investigate: what does a signature do?
#
# You need no library to read a token, and no key.
# **base64url** only writes bytes with letters and digits. Anybody can turn it back.

# %%
import base64

payload = alice.token.split(".")[1]
print(base64.urlsafe_b64decode(payload + "=="))

# %% [markdown]
# So a payload hides nothing. Put no password, no hash and no e-mail address in it.
#
# Writing a token is another matter. **HS256** makes the signature from three things: header, payload and key.
# The server makes it again and compares. You have the key, so you can play that, too.
# Change one byte of Alice's payload and sign anew. How many of the 32 bytes of the signature differ?

# %% tags=["predict"]
predict("One byte of the payload changes. How many signature bytes?", ...)

# %% [markdown]
# The first picture is Alice's token. The second is the changed one, signed anew.

# %%
token = Token(alice.token)
resigned = token.with_changed_byte("payload").signed_with(key)
display(token, resigned)
print("signed by hand, the same token?", str(token.signed_with(key)) == str(token))
pairs = zip(token.signature, resigned.signature, strict=False)
differ = sum(one != two for one, two in pairs)
reveal("One byte of the payload changes. How many signature bytes?", differ)

# %% [markdown]
# Nearly all of them. There is no way to guess the new signature from the old one.
# Whoever edits a payload needs the key to sign it. That is the whole trick.
#
# But a signature protects only if somebody looks at it. This code should:

# %%
source(3, "verify_token")

# %% [markdown]
# In the untouched lesson it calls `get_unverified_claims`. The name is honest. Nobody looks.
#
# ## Defend: your turn
#
# Work in `lessons/lesson_03_tokens`. `BRIEF.md` there tells all the rules.
#
# **Your turn 1.** Make a token that ends, in `tokens.py`, and tell its life in `login`.
#
# <details><summary>Hint 1</summary>Take a token of the starter apart. Until when is it good?</details>
# <details><summary>Hint 2</summary>The claim <code>exp</code> is a time in seconds since 1970, like <code>iat</code>. <code>ACCESS_TOKEN_SECONDS</code> says how long a token lives.</details>
# <details><summary>Hint 3</summary>Add a third key to <code>claims</code>: <code>exp</code>, at <code>now</code> plus the life time. In <code>login</code>, <code>expires_in</code> is that same life time.</details>
#
# **Your turn 2.** Verify a token, in `verify_token` and `check_types`.
# The header comes from Mallory, so the server picks the algorithm, never the token.
#
# <details><summary>Hint 1</summary>Which line of the starter looks at the signature, at the end, at <code>nbf</code>?</details>
# <details><summary>Hint 2</summary>The library needs the key and a list of one algorithm. The types are yours to check: <code>exp</code>, <code>iat</code>, <code>nbf</code>, and a <code>sub</code> with a lone surrogate.</details>
# <details><summary>Hint 3</summary>In one <code>try</code>, call <code>jwt.decode</code> with <code>options=REQUIRED</code>, then <code>check_types</code>. Turn any <code>Exception</code> into <code>InvalidToken</code>. <code>type(x) is int</code> refuses <code>True</code>, texts and (you may) fractions. <code>sub.encode()</code> raises on a surrogate.</details>
#
# **Your turn 3.** Tell what a token is worth, in `introspect` in `app.py`.
#
# <details><summary>Hint 1</summary>What does the route answer to the token <code>x</code>? A bad token is no accident: it is half of all calls here.</details>
# <details><summary>Hint 2</summary><code>verify_token</code> raises <code>InvalidToken</code> for each bad token. Catch it in <code>introspect</code>.</details>
# <details><summary>Hint 3</summary>In the <code>except</code>, return an <code>Introspection</code> whose <code>active</code> is false, and set no other field.</details>
#
# Save, and the server starts again by itself. Predict again.

# %% tags=["predict"]
predict("After your change: is Mallory's edited token believed?", ...)

# %% [markdown]
# The same forgeries as before, on an empty service and from a fresh token.

# %%
live(3, SECRET_KEY=key)
mallory.sign_up()
mallory.sign_in()
mine = Token(mallory.token)
card = ask(mine.with_payload(sub=bob_id))
display(reveal("After your change: is Mallory's edited token believed?", active(card)))
try_forgeries(mine)

# %% [markdown]
# The first row must still say yes. A door that is shut for everybody protects nobody.
#
# The workbook's collection has two more: a token of yesterday, and a header that crashes the library.
# That header is a list in a list, thousands of levels deep. Python gives up on it with an error of another kind.

# %%
raids = ["edited_payload", "alg_none", "other_key", "yesterdays_token", "crashing_header"]
for raid in raids:
    display(attack(f"introspect_{raid}"))

# %% [markdown]
# ## Checkpoint
#
# These are the graded checks, as your teacher runs them.

# %%
check(3)

# %% [markdown]
# ## Seen in the wild
#
# **A number as subject.** Many tables count their users: 1, 2, 3. Such an id often goes into `sub` as a number.
# Here is such an app. It takes PyJWT, `import jwt`, as many tutorials do; your starter takes python-jose.
# Alice shows a token that is a moment old.

# %%
wild("integer_subject")
alice.sign_in()
alice.get("/users/me", token=alice.token)

# %% [markdown]
# Neither word of that message is true of her token. Ask the library itself.

# %%
import jwt

token = jwt.encode({"sub": 7}, key, algorithm="HS256")
try:
    jwt.decode(token, key, algorithms=["HS256"])
except jwt.InvalidTokenError as problem:
    print(f"{type(problem).__name__}: {problem}")

# %% [markdown]
# The standard wants a text in `sub`. Write `"7"`, or better an id that nobody can count.
#
# **A clock without a zone.** This app lets a token end at `datetime.utcnow()` plus 15 minutes.
# It means UTC (coordinated universal time), but does not say so. Python takes it for the server's own time.
# Guess what a server in Tokyo says to a fresh token.

# %% tags=["predict"]
predict("A fresh token on the server in Tokyo: which status?", ...)

# %%
from time import time

answers = {}
for zone in ["UTC", "Asia/Tokyo", "America/Los_Angeles"]:
    wild("naive_clock", TZ=zone)
    alice.sign_in()
    minutes = (Token(alice.token).payload["exp"] - time()) / 60
    answers[zone] = alice.get("/users/me", token=alice.token)
    print(f"{zone:20} {answers[zone].verdict.words:12} minutes left: {minutes:.0f}")
reveal("A fresh token on the server in Tokyo: which status?", answers["Asia/Tokyo"])

# %% [markdown]
# In Tokyo each token is dead at birth. In Los Angeles a stolen one works for hours.
# Where the clock stands on UTC, all looks well. Use `int(time.time())`: it is right in every zone.
# Since version 3.12, Python warns about `utcnow`.
#
# **The key in the code.** Published code is read by everybody, and so is the key in it.
# Mallory finds it in the listing below, as you can. She needs no more than that to sign.

# %%
wild("key_in_the_code")
leaked = "long-enough-but-in-every-copy-of-this-file"
mallory.sign_in()
forged = Token(mallory.token).with_payload(sub="alice").signed_with(leaked)
mallory.get("/users/me", token=forged)

# %% [markdown]
# No check can help here: the signature is right. Read `setting` and `kept_secret` in `settings.py`.
# They show how a key stays out of the code.
#
# ## You might ask
#
# **I always get "invalid or expired token". Why?** You have met two causes: a number in `sub`, and a clock without a zone.
# Others are a server with a new key at each start, and quotes around the text or `Bearer` before it.
# Give the text to `Token`, read `sub` and `exp`, and print the exception's type on the server.
#
# **Does a slightly changed token fail?** Yes. You changed one byte, and the answer was no.
# But the last letter of a signature has spare bits that nobody reads.
# Another last letter may spell the same bytes. Then nothing has changed: python-jose takes it, PyJWT does not.
# Lesson 11 comes back to it.
#
# **Why does `introspect` not say what is wrong?** The reason would tell a forger what to mend.
#
# **Can I not hide the payload?** There are tokens that are encrypted. You seldom need one: keep private things on the server.
#
# ## Recap
#
# - Everybody can read header and payload. Only a holder of the key can sign them.
# - The server picks the algorithm, checks the signature and the end, and wants `sub`, `iat` and `exp`.
# - Every bad token gets the same answer. None leads to a 500.
# - The key comes from outside the code. Times are seconds in UTC. `sub` is a text.
#
# **Still open.** Our login speaks JSON, in a form of our own.
# Ready-made clients ask for a token in a standard way. That is lesson 4.
#
# **Read on.** RFC 7519 §4.1 lists the claims. RFC 8725 tells how to use them safely.
# *OAuth2 with Password (and hashing), Bearer with JWT tokens* is a page of the FastAPI tutorial.
