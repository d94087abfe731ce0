/** Templates that come along, by name, as the files that a person could have written. */
export const SHIPPED_TEMPLATES: Readonly<Record<string, string>> = {
  "code-review": `---
description: Review a branch and write down what is wrong with it
kind: serious
parameters:
  branch: { description: branch to review }
  base: { description: branch that it is compared with, default: main }
  focus: { description: what matters most, default: "correctness, security and missing tests" }
---
Review what the branch {{branch}} changes compared with {{base}}: \`git diff {{base}}...{{branch}}\`.
Change no code.

What matters most: {{focus}}.

1. Read the whole diff, and of the code around it as much as you need to judge it.
2. For each thing you suspect, find out whether it is so: read the callers, run the tests, write a small
   test that you throw away. Leave out what you could not confirm, and matters of taste.
3. Write REVIEW.md in the top folder: one paragraph with your judgement (may it be merged?), then the
   findings, the gravest first. Each has its file and line, what goes wrong and for whom, how you
   confirmed it, and the smallest change that mends it.

If you find nothing, say so and name what you looked at.
`,
  "write-tests": `---
description: Write the tests that a part of the code lacks
kind: serious
parameters:
  path: { description: file or folder to test }
  count: { description: about how many tests are worth having, default: "as many as it needs" }
---
Write tests for {{path}}. How many: {{count}}.

1. Read the code and the tests that are there. Follow their tool, their place, their names and their
   helpers; add no dependency.
2. List what the code promises: the usual case, the limits, wrong input, what happens when something it
   calls fails. Leave out what is tested already.
3. Test behaviour that a user of the code could notice, not how it is written. A test waits for a fact,
   never for a time, and needs nothing from outside.
4. For each test, break the code once so that it fails, and mend the code again. A test that cannot fail
   is worth nothing.
5. Where a test shows a mistake in the code, keep the test, mend the mistake if it is small, and tell of it.

At the end run all tests and say what is tested now, and what you left out and why.
`,
  "update-dependencies": `---
description: Bring the dependencies up to date, one after the other
kind: serious
priority: low
night: true
parameters:
  which: { description: which dependencies, default: "all direct ones" }
  level: { description: "how far: patch, minor or major", default: minor }
---
Update the dependencies of this project. Which: {{which}}. How far at most: {{level}} versions.

1. See what is outdated with the package manager that the project uses; keep its lock file.
2. Run the checks first. What fails already is not your doing: say so and go on.
3. Update one dependency, or one group that belongs together, at a time. Read what its changelog says
   between the two versions. Run the checks. Adapt our code where the update asks for it; where that
   would take more than a few lines, take the update back and note why.
4. Pin versions the way the project pins them. Add no dependency, and remove none that is used.

At the end write a list: each dependency with the old and the new version and what had to be adapted,
then those left alone, each with the reason.
`,
  "fix-failing-check": `---
description: Find out why a check fails, and mend the cause
kind: serious
priority: high
parameters:
  check: { description: "the command that fails, such as npm test" }
  hint: { description: what is known of it, default: nothing yet }
---
The check \`{{check}}\` fails. Known of it: {{hint}}.

1. Run it and read the first failure. If it passes, run it ten times: it may fail only sometimes.
2. Find the cause before you change anything: make the failure small, look at what changed last
   (\`git log -p\`), and say in one sentence why it fails. A guess that happens to help is no cause.
3. Mend the cause with the smallest change. Do not weaken, skip or delete the check or a test, and do not
   make it wait or try again, unless the test itself is wrong: then say why it is.
4. Add a test that fails without your change, if none does.
5. Run the check again, and all others.

At the end say what the cause was, what you changed, and whether the same mistake may be elsewhere.
`,
};
