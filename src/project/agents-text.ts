/** AGENTS.md of a project that uses wwdb: what an agent needs that cannot see it from the files. */
export const agentsText = `# Databases of this project

The schemas are changed by \`wwdb\` and by nothing else. \`wwdb.config.json\` names the databases; each has a folder of migrations.

- Never change a schema by hand, and never run a client with DDL. Write a migration: \`npx wwdb new NAME --target DATABASE\`.
- A migration is a file of SQL with \`-- migrate:up\` and \`-- migrate:down\`. One that is applied anywhere is never edited: write another.
- Before you are done: \`npx wwdb validate\`, then \`npx wwdb lint --since origin/main\`. Fix what they name; accept a hazard only with a reason, as the finding says.
- \`npx wwdb plan\` shows what would run. \`migrate\`, \`rollback\`, \`seed\`, \`rotate run\` and everything else that writes is for a person to run, except on a database that \`npx wwdb sandbox up\` or \`npx wwdb provision up\` made.
- What only reads is served as tools by \`npx wwdb mcp\`: status, plan, lint, drift, shards check, schema, history and the documentation.
- \`npx wwdb help COMMAND\` explains a command; the pages are in \`node_modules/wwdb/docs\`.
`
