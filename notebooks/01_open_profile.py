# %% [markdown]
# # Lesson 1: Who can read your profile?
#
# | | |
# |---|---|
# | **You will** | see what an API knows about a stranger · answer 404 for somebody who does not exist · keep private fields inside with a response model |
# | **Time** | 25 minutes |
# | **You need** | Python, and to have seen a function with a decorator |
# | **Words you will meet** | API, endpoint, status code, query parameter, response model |
#
# Meet the cast. **Alice** and **Bob** are honest users. **Olga** runs the service.
# **Mallory** has an account too, and she is curious about everybody else's.

# %% [markdown]
# ## Scene: a page for everybody
#
# An **API** (application programming interface) is a program that other programs talk to.
# Ours has one address, called an **endpoint**: `GET /profile`.
# You say whose profile you want in a **query parameter**, the part after the question mark.
#
# This line loads the workbook's helpers.

# %%
from workbook.notebook import *

# %% [markdown]
# Now start the server of this lesson.
# It runs from your own files, in the folder `lessons/lesson_01_open_profile`.

# %%
live(1)

# %% [markdown]
# The link opens the API's own page in your browser. It works without the internet.
# Alice asks for her profile first. The card shows what she sent and what came back.

# %%
alice.get("/profile", params={"username": "alice"})

# %% [markdown]
# The number 200 is a **status code**. It means that all went well.
# Look at the answer, though. Which of its fields would you show to a stranger?
#
# ## Predict: what does Mallory get?
#
# Mallory is no friend of Alice. She sends the same request, and no proof of who she is.
# Write your guess in place of the dots: a status code such as `200` or `404`.
# A guess is never graded. It only makes you look closer.

# %% tags=["predict"]
predict("Mallory asks for Alice's profile. Which status comes back?", ...)

# %% [markdown]
# ## Attack: one loop, every secret
#
# Run it, and set the fact beside your guess.

# %%
card = mallory.get("/profile", params={"username": "alice"})
reveal("Mallory asks for Alice's profile. Which status comes back?", card)

# %% [markdown]
# Here is the whole exchange.

# %%
card

# %% [markdown]
# Compare this card with Alice's. Only the name of the caller differs.
# And that name is our note in the margin: it was never sent.
# Mallory does not stop at one name. She tries a list.

# %%
for name in ["alice", "bob", "olga"]:
    body = mallory.get("/profile", params={"username": name}).json
    print(name, body)

# %% [markdown]
# If you run this on the untouched lesson, you see passwords.
# Three lines of Python are enough. No tool, no luck, no trick.
# The workbook keeps this attack in its collection, so that you can repeat it later.

# %%
attack("read_every_profile")

# %% [markdown]
# ## Investigate: what the API knows about its caller
#
# The picture below is drawn from the traffic that you have made so far.
# Each arrow to the right is a request. Each arrow to the left is an answer.

# %%
scene(title="Everybody may ask, and everybody is told")

# %% [markdown]
# No request carries anything that says who is asking.
# The API cannot treat Alice and Mallory differently. It does not know them apart.
# That is the theme of this workbook. It takes us six lessons to answer "who is calling?".
#
# Until then we can still decide **what** is told. Read the code that answers.

# %%
source(1, "profile")

# %% [markdown]
# The function takes a record out of `PEOPLE` and returns all of it.
# FastAPI turns each field into JSON, private or not.
# This is the model that could hold it back.

# %%
source(1, "PublicProfile")

# %% [markdown]
# A second thing is wrong. What happens with a name that nobody has?

# %% tags=["predict"]
predict("Mallory asks for a name that nobody has. Which status?", ...)

# %% [markdown]
# Send it and look.

# %%
nobody = mallory.get("/profile", params={"username": "zed"})
reveal("Mallory asks for a name that nobody has. Which status?", nobody)

# %% [markdown]
# An answer of 200 for a person who is not there is a small lie.
# Every program that reads it must guess what an empty object means.
# The right answer is **404**, *not found*.
#
# ## Defend: your turn
#
# Open `lessons/lesson_01_open_profile/app.py` and `schemas.py` in the file browser on the left.
# Each place that waits for you is marked `TODO`. The file `BRIEF.md` beside them tells all the rules.
#
# **Your turn 1.** Refuse a name that nobody has with 404.
#
# <details><summary>Hint 1</summary>What does <code>PEOPLE.get</code> give for a name that is not there?</details>
# <details><summary>Hint 2</summary>FastAPI turns an exception into a refusal. Its name is <code>HTTPException</code>.</details>
# <details><summary>Hint 3</summary>Ask whether the name is in <code>PEOPLE</code>. If not, <code>raise HTTPException</code> with 404 and a short text.</details>
#
# **Your turn 2.** Send the public view alone: `username` and `full_name`.
#
# <details><summary>Hint 1</summary>Listing what may leave is safer than listing what must stay.</details>
# <details><summary>Hint 2</summary>Give <code>PublicProfile</code> two fields of type <code>str</code>.</details>
# <details><summary>Hint 3</summary>The decorator takes a second argument, <code>response_model=</code>, with the model's name.</details>
#
# Save your files. The server notices and starts again by itself.
# Before you ask again, predict again.

# %% tags=["predict"]
predict("After your change: does Mallory still get Alice's password?", ...)

# %% [markdown]
# The same request as before, word for word.

# %%
live(1)
again = mallory.get("/profile", params={"username": "alice"})
reveal("After your change: does Mallory still get Alice's password?", "password" in again.text)

# %% [markdown]
# Here is what Mallory holds now.

# %%
again

# %% [markdown]
# And the loop over all names, once more. It says *refused* when nothing private came back.

# %%
attack("read_every_profile")

# %% [markdown]
# One more guess. Suppose that a colleague adds a field `phone` to each record tomorrow.
# Your response model stays as it is. What does the profile show then?

# %% tags=["predict"]
predict("A new field `phone` in every record: does the profile show it?", ...)

# %% [markdown]
# Think first, then open the answer.

# %%
reveal("A new field `phone` in every record: does the profile show it?", False)

# %% [markdown]
# A response model is a list of what may go out. What is not on it stays inside.
# Nobody has to remember to hide the new field.
#
# ## Checkpoint
#
# These are the graded checks. They talk to your server as a stranger would.
# Your teacher's `pytest` runs the very same ones.

# %%
check(1)

# %% [markdown]
# ## Seen in the wild
#
# Tutorials like to begin with an open profile that returns a whole record.
# Many of them never come back to it. Here is such an app, shrunk to a few lines.
# It answers with everything that it has, and it does so for a small reason:
# no line says what may leave. You see its code below, and then what it answers.

# %%
wild("whole_record")
mallory.get("/profile", params={"username": "alice"})

# %% [markdown]
# ## You might ask
#
# **Is a hidden address not enough?** No. Addresses stand in browser histories, in logs and in `/docs`.
# Whoever knows one can call it. Only a check that runs on every request protects.
#
# **Why 404 and not 400?** The request was fine. The thing that it asks for is not there.
# That is what 404 says.
#
# **Does 404 not tell Mallory which names exist?** It does. She can find them by trying.
# Here that is a choice: profiles are public. Lesson 2 and lesson 8 choose otherwise, and say why.
#
# ## Recap
#
# - An open endpoint treats every caller alike, because it knows nothing about them.
# - A response model lists what may go out. All the rest stays inside.
# - A thing that does not exist is answered with 404, and the refusal names nobody.
#
# **Still open.** The passwords no longer leave through this door, but they lie in a file as plain text.
# What if somebody takes the file? That is lesson 2.
#
# **Read on.** RFC 9110 §15.5.5 defines 404.
# *Response Model* is a page of the FastAPI tutorial. OWASP lists this mistake as API3:2023.
