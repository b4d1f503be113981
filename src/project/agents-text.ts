/** AGENTS.md of a project that uses wwdb: what an agent needs to know and cannot see in the files. */
export const agentsText = `# Databases of this project

Only \`wwdb\` changes the schemas. \`wwdb.config.json\` lists the databases; each has a folder of migrations.

- Never change a schema by hand, and never run a client with DDL. Write a migration: \`npx wwdb new NAME --target DATABASE\`.
- A migration is an SQL file with \`-- migrate:up\` and \`-- migrate:down\`. Never edit one that is applied anywhere: write a new one.
- Before you are done: \`npx wwdb validate\`, then \`npx wwdb lint --since origin/main\`. Fix what they report; accept a hazard only with a reason, as the finding says.
- \`npx wwdb plan\` shows what would run. \`migrate\`, \`rollback\`, \`seed\`, \`rotate run\` and everything else that writes must be run by a person, except on a database created by \`npx wwdb sandbox up\` or \`npx wwdb provision up\`.
- Read-only commands are available as tools from \`npx wwdb mcp\`: status, plan, lint, drift, shards check, schema, history and the documentation.
- \`npx wwdb help COMMAND\` explains a command; the pages are in \`node_modules/wwdb/docs\`.
`
