// The small validator of JSON Schemas in place of Ajv: the tools of `wwdb mcp` check their arguments with zod, and no schema of a client is judged.
export { default as process } from 'node:process'
export { CfWorkerJsonSchemaValidator as DefaultJsonSchemaValidator } from '@modelcontextprotocol/server/validators/cf-worker'
