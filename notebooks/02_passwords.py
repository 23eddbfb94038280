# %% [markdown]
# # Lesson 2: What if the user file leaks?
#
# | | |
# |---|---|
# | **You will** | store a slow, salted hash in place of a password, and check against it · refuse a login so that neither words nor time tell which names exist · set limits for what strangers send, and never send it back to them |
# | **Time** | 40 minutes |
# | **You need** | lesson 1 |
# | **Words you will meet** | hash, salt, cost, bcrypt, dummy hash, user enumeration, JSON |
#
# The cast is the same. Alice and Bob now open accounts of their own.
# Mallory has found something in the rubbish: a disk with last night's backup.

# %% [markdown]
# ## Scene: people sign up
#
# Our service has learned two things: `POST /register` opens an account, and `POST /login` lets you in.
# Both take JSON (JavaScript Object Notation), a text form for values.
# Load the helpers first.

# %%
from workbook.notebook import *

# %% [markdown]
# Start the server of this lesson. It begins with no users at all.

# %%
live(2)

# %% [markdown]
# Bob and Alice sign up. The card shows what Alice sent.

# %%
bob.sign_up()
alice.sign_up()

# %% [markdown]
# The status 201 means *created*. The answer holds no password: lesson 1 has done its work.
# But the service must keep something, or nobody could log in again.
# It keeps it in a file, `users.json`. A copy of it lies on the disk that Mallory found.
#
# ## Predict: what is a stolen file worth?
#
# Mallory reads what is stored for Alice's password. She types that text in at the login.
# What will she get? Write a status such as `200` or `401` in place of the dots.

# %% tags=["predict"]
predict("Mallory logs in as Alice with the stored text. Which status?", ...)

# %% [markdown]
# ## Attack: one file, every account
#
# `stored` reads the live server's file, as Mallory reads her copy.

# %%
stolen = stored("users.json")
for name, account in stolen.items():
    print(name, account["password_hash"])

# %% [markdown]
# The field is called `password_hash`. Does it hold one? Try it as a password.

# %%
card = mallory.post(
    "/login", json={"username": "alice", "password": stolen["alice"]["password_hash"]}
)
display(card)
reveal("Mallory logs in as Alice with the stored text. Which status?", card)

# %% [markdown]
# On the untouched lesson, Mallory is Alice now. Where else does Alice use this password?
#
# Mallory can do harm without the file, too. For a wrong password the service answers 401.
# Now she tries `zed`, a name that nobody has.
# Guess in the first cell, then run the second.

# %% tags=["predict"]
predict("Mallory tries a name that nobody has. Which status?", ...)

# %%
wrong = mallory.post("/login", json={"username": "alice", "password": "a-wrong-guess"})
nobody = mallory.post("/login", json={"username": "zed", "password": "a-wrong-guess"})
reveal("Mallory tries a name that nobody has. Which status?", nobody)

# %% [markdown]
# Look at all the traffic so far. Compare the last two answers.

# %%
scene(title="What each refusal tells")

# %% [markdown]
# Two different refusals sort any list of names into real ones and others.
# That is **user enumeration**. A real name is worth a thousand guesses, or a false mail.
#
# The workbook's collection goes on from here.
# Each of these five attacks meets a fresh server with an empty file.

# %%
raids = ["steal_the_user_file", "look_up_stolen_hashes", "names_by_login_message"]
raids += ["password_echoed_in_422", "register_a_look_alike"]
for raid in raids:
    display(attack(raid))

# %% [markdown]
# One answer even sends a password back, in its `input`.
# Answers end up in logs and in bug reports, where many people read them.
#
# ## Investigate: what should be stored?
#
# Here is the code that stores a password, and the code that refuses a login.

# %%
display(source(2, "hash_password"))
source(2, "login")

# %% [markdown]
# In the untouched lesson, `hash_password` returns the password itself. The name promises more.
#
# A **hash** is a text of fixed length, made of a password. There is no way back.
# **bcrypt** makes hashes for passwords. Guess first, then give it one password twice.

# %% tags=["predict"]
predict("One password, hashed twice: are the two texts equal?", ...)

# %%
import bcrypt

one, two = [bcrypt.hashpw(b"sunshine", bcrypt.gensalt(4)).decode() for _ in "ab"]
print(one, two, sep="\n")
reveal("One password, hashed twice: are the two texts equal?", one == two)

# %% [markdown]
# The two differ, because bcrypt mixes something random into each. Take the first one apart.

# %%
HashView(one)

# %% [markdown]
# The **salt** is that random part. It is no secret: it stands in the line, in clear.
# Without it, equal passwords would have equal hashes.
# Then Mallory could look everybody up in one table. With a salt she must begin anew for each user.
#
# How can a login check, if each hash comes out different? It takes the salt out of the stored line,
# and hashes what was typed. With the same salt, the same password gives the same **digest**.
#
# The **cost** is how much work one hash takes. Measure a guess at each cost.
# The first bar is SHA-256 (secure hash algorithm, 256 bits), which was made to be fast.

# %%
from hashlib import sha256
from time import perf_counter


def timed(work, *given, **named):
    started = perf_counter()
    work(*given, **named)
    return (perf_counter() - started) * 1000


took = {"SHA-256": timed(sha256, b"sunshine")}
for cost in range(4, 11):
    tries = [timed(bcrypt.hashpw, b"sunshine", bcrypt.gensalt(cost)) for _ in "ab"]
    took[f"bcrypt, cost {cost}"] = min(tries)
bars(took, "ms", title="Time of one guess on this computer")

# %% [markdown]
# Each step doubles the work. You hardly notice it when you log in once.
# Mallory pays it for every guess. The service's default is 12. In this notebook it runs at 10.
#
# ## Defend: your turn
#
# Work in `lessons/lesson_02_passwords`. `BRIEF.md` there tells all the rules.
#
# **Your turn 1.** Hash and check passwords, in `passwords.py`.
#
# <details><summary>Hint 1</summary>A library for passwords makes hashes and checks them. You never compare two texts yourself.</details>
# <details><summary>Hint 2</summary>One function hashes, one checks. Which may raise, and for which passwords?</details>
# <details><summary>Hint 3</summary>Use <code>hashing.hash</code> and <code>hashing.verify</code>, the second inside a <code>try</code>: a NUL, or over 72 bytes, raises <code>ValueError</code>. That counts as wrong.</details>
#
# Save, and the server starts again by itself. What was stored before no longer opens.
# So the second cell begins with an empty file. The theft is the same as before.

# %% tags=["predict"]
predict("After turn 1: does the stored text still open Alice's account?", ...)

# %%
live(2)
alice.sign_up()
kept = stored("users.json")["alice"]["password_hash"]
display(HashView(kept))
again = mallory.post("/login", json={"username": "alice", "password": kept})
reveal("After turn 1: does the stored text still open Alice's account?", again)

# %% [markdown]
# **Your turn 2.** Set limits for a registration, in `schemas.py`, and answer 409 for a name that is taken.
# bcrypt reads 72 bytes and no more. A longer password must be refused, never cut.
#
# <details><summary>Hint 1</summary>Each <code>str</code> at the top of <code>schemas.py</code> takes anything. Find a bad text for each row of the brief's table.</details>
# <details><summary>Hint 2</summary>A pattern limits length and signs. A limit in bytes needs a function: write the text as UTF-8 and count.</details>
# <details><summary>Hint 3</summary><code>Annotated[str, ...]</code> takes <code>Field(pattern=...)</code> and <code>AfterValidator</code>, whose function raises <code>ValueError</code>; <code>EmailStr</code> knows addresses. In <code>register</code>, turn <code>NameTaken</code> into an <code>HTTPException</code> with 409.</details>
#
# Before turn 3, take a clock. A slow hash may have opened a new door.
# Mallory sends wrong passwords for Alice and for `zed`, and keeps the shortest time of each.

# %% tags=["predict"]
predict("Does the clock tell Alice from a name that nobody has?", ...)

# %%
times = {}
for name in ["alice", "zed"] * 2:
    guess = {"username": name, "password": "a-wrong-guess"}
    ms = timed(mallory.post, "/login", json=guess)
    times[name] = min(ms, times.get(name, ms))
display(bars(times, "ms", title="Time of a refused login"))
tells = max(times.values()) > 2 * min(times.values())
reveal("Does the clock tell Alice from a name that nobody has?", tells)

# %% [markdown]
# On the untouched lesson both times are short: nothing is hashed.
# After turn 1 Alice's is long and the other short. Then the clock tells which names exist.
#
# **Your turn 3.** Give one refusal at login. Let a **dummy hash**, which belongs to nobody, be checked for unknown names.
#
# <details><summary>Hint 1</summary>Log in as nobody, with a wrong password, and as a disabled user. What differs in words, number and time?</details>
# <details><summary>Hint 2</summary>An unknown name must cost one hash too. Keep a hash that belongs to nobody, made once at start-up with the same cost.</details>
# <details><summary>Hint 3</summary>Choose the stored hash or <code>NOBODYS_HASH</code>, verify in every case, and only then decide; for a disabled user too it is <code>None</code>. In <code>login</code>, <code>None</code> leads to one <code>HTTPException</code> with 401.</details>
#
# Run the two cells above again. Now both times should be long.
#
# **Your turn 4.** Leave the input out of a 422, in `errors.py`.
#
# <details><summary>Hint 1</summary>Register with a password that is too short, and read all of the answer. Who else may read it?</details>
# <details><summary>Hint 2</summary>Each error has the keys <code>type</code>, <code>loc</code>, <code>msg</code>, <code>input</code> and sometimes <code>ctx</code>. Only three of them are safe to send.</details>
# <details><summary>Hint 3</summary>Send three keys of each error, by hand or with <code>jsonable_encoder</code>: it takes <code>include=</code>, a set of key names.</details>
#
# Then the five attacks once more. Their servers hash at cost 4, `$2b$04$`, to save you waiting.

# %%
for raid in raids:
    display(attack(raid))

# %% [markdown]
# ## Checkpoint
#
# These are the graded checks, as your teacher runs them.

# %%
check(2)

# %% [markdown]
# ## Seen in the wild
#
# **Passwords in clear.** Login tutorials like to keep a table of users with passwords as they were typed.
# The login compares two texts, and from outside all looks well. Here is such an app in a few lines.
# Mallory types in what she read in its table.

# %%
wild("clear_passwords")
found = stored("users.json")["alice"]["password"]
mallory.post("/login", json={"username": "alice", "password": found})

# %% [markdown]
# **A library that cannot hash.** Many tutorials install passlib and bcrypt. Today that brings passlib 1.7.4, of 2020, and bcrypt 5.
# We ran the two together. Even a short password ended in a `ValueError`.
# Before its first hash, passlib tests bcrypt for an old fault with a text of 255 bytes.
# This is what bcrypt says to such a text.

# %%
try:
    bcrypt.hashpw(b"7" * 255, bcrypt.gensalt(4))
except ValueError as problem:
    print(problem)

# %% [markdown]
# This workbook installs libpass, which carries passlib on under the same name. It can hash.
#
# ## You might ask
#
# **Why not SHA-256, which has no way back either?** It is too fast, as the bars show.
# And a graphics card makes many guesses at once.
#
# **May I go deeper: why can Mallory not skip the work?** bcrypt does its rounds one after the other.
# Each needs the result of the one before. At a cost of 12 that is 4,096 rounds for one guess.
#
# **Is Alice safe now?** Her hash buys time. A password such as `sunshine` is among the first guesses, and falls at any cost.
#
# **Why does `/register` say that a name is taken?** A newcomer must be able to pick another name.
# The answer tells Mallory that the name exists. The brief states this trade-off.
#
# **Is argon2id better?** It also needs much memory, which makes guessing dearer. The checks accept both.
#
# ## Recap
#
# - Store a slow, salted hash, never a password. A stolen line can only be guessed at.
# - The salt makes equal passwords look different. The cost sets the price of a guess.
# - A refused login gives the same words and takes the same time, whoever was named.
# - Set limits for what strangers send, and leave it out of the answer.
#
# **Still open.** Alice can log in, but the next request knows nothing of it.
# She should not send her password every time. She needs something to show instead: a token. That is lesson 3.
#
# **Read on.** RFC 9110 §15.5.2 defines 401 and RFC 9110 §15.5.21 defines 422.
# *Handling Errors* is a page of the FastAPI tutorial.
# OWASP's *Password Storage Cheat Sheet* names costs for today.
