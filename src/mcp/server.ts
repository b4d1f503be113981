import { type CallToolResult, fromJsonSchema, McpServer } from '@modelcontextprotocol/server'
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio'
import { z } from 'zod'
import type { Context, ToolAnswer } from '../command/context.ts'
import { exitCodes } from '../core/exit-code.ts'
import { readPublishedSchema } from '../files/documentation.ts'
import type { Pages } from './pages.ts'
import { type CommandTool, wordsOf } from './tools.ts'

type AskTool = Context['process']['askTool']

const instructions =
  'wwdb applies versioned migrations to MySQL databases and keeps sharded tables ahead of the calendar. These tools only read: nothing ' +
  'here applies, reverts, creates or drops. Ask a person to run `wwdb migrate` and other commands that write.'

/** What the server offers: reading commands, and the pages of the documentation, which are read when they are first asked for. */
export interface Offer {
  readonly tools: readonly CommandTool[]
  readonly openPages: () => Pages
}

/** Serves until the client closes its end, then stops the calls that are still running. */
export async function serve({ toolVersion, askTool, protocol }: Context['process'], offer: Offer): Promise<void> {
  const { input, output } = protocol()
  const ended = new Promise<void>((resolve) => {
    input.once('end', resolve)
    input.once('close', resolve)
  })
  const transport = new StdioServerTransport(input, output)
  const handle = serveStdio(() => createReadingServer(toolVersion, askTool, offer), { transport })
  await ended
  await handle.close()
}

/** One tool for each reading command, and two for the documentation. */
function createReadingServer(version: string, ask: AskTool, { tools, openPages }: Offer): McpServer {
  const server = new McpServer({ name: 'wwdb', title: 'wwdb', version }, { instructions })
  for (const tool of tools) addCommand(server, tool, ask)
  addPages(server, openPages)
  return server
}

const readsOnly = { readOnlyHint: true, destructiveHint: false, idempotentHint: true }

function addCommand(server: McpServer, tool: CommandTool, ask: AskTool): void {
  const { title, description, input } = tool
  server.registerTool(
    tool.name,
    { title, description, inputSchema: input, outputSchema: outputOf(tool), annotations: readsOnly },
    async (given, { mcpReq }) => toResult(tool, await ask(wordsOf(tool, given), mcpReq.signal)),
  )
}

const textOutput = z.object({ text: z.string().describe('the definitions, in the requested form') })

const describedObject = z.looseObject({ type: z.literal('object') })

/** The published schema of the tool's answer, with which the protocol compares what a call gives. */
function outputOf({ answer }: CommandTool): ReturnType<typeof fromJsonSchema> {
  if (answer === null) return textOutput
  return fromJsonSchema(describedObject.parse(readPublishedSchema(answer)))
}

/**
 * Findings (exit code 1) are an answer like any other; a higher exit code is an error, which is passed on in the tool's
 * words.
 */
function toResult(tool: CommandTool, { exitCode, stdout, stderr }: ToolAnswer): CallToolResult {
  const isError = exitCode !== exitCodes.done && exitCode !== exitCodes.findings
  const text = stdout.trim() === '' ? stderr.trim() : stdout.trim()
  const document = tool.answer === null && !isError ? { text } : readObject(text)
  return {
    content: [{ type: 'text', text: text === '' ? `wwdb ended with ${exitCode}.` : text }],
    ...(document === null ? {} : { structuredContent: document }),
    isError,
  }
}

/** One JSON document; null for text such as SQL. */
function readObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    const object = z.record(z.string(), z.unknown()).safeParse(value)
    return object.success ? object.data : null
  } catch {
    return null
  }
}

const sectionCount = 6

function addPages(server: McpServer, openPages: Offer['openPages']): void {
  let opened: Pages | null = null
  const pages = (): Pages => {
    opened ??= openPages()
    return opened
  }
  server.registerTool(
    'search_docs',
    {
      title: 'Search the documentation',
      description: 'The sections of the documentation of this version that best match a question.',
      inputSchema: z.strictObject({ query: z.string().min(2).max(500).describe('search terms, or a question') }),
      outputSchema: z.object({
        sections: z.array(z.object({ page: z.string(), heading: z.string(), text: z.string() })),
      }),
      annotations: readsOnly,
    },
    ({ query }) => {
      const sections = pages().search(query, sectionCount)
      const texts = sections.map(({ page, heading, text }) => `# ${page}: ${heading}\n\n${text}`)
      const text = texts.length === 0 ? 'No page contains these terms.' : texts.join('\n\n')
      return { content: [{ type: 'text', text }], structuredContent: { sections } }
    },
  )
  server.registerTool(
    'read_docs',
    {
      title: 'Read a page of the documentation',
      description: 'One whole page by its name, such as `guides/rotation.md`; without a name, the list of pages.',
      inputSchema: z.strictObject({ page: z.string().max(200).optional().describe('the name from `search_docs`') }),
      outputSchema: z.object({ text: z.string().describe('the page, or the names of all pages, one per line') }),
      annotations: readsOnly,
    },
    ({ page }) => {
      const text = page === undefined ? pages().names.join('\n') : pages().read(page)
      if (text !== null) return { content: [{ type: 'text', text }], structuredContent: { text } }
      const what = `There is no page ${page}. The pages are:\n${pages().names.join('\n')}`
      return { content: [{ type: 'text', text: what }], isError: true }
    },
  )
}
