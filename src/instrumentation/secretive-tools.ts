/** Tools whose secrets no general rule finds. */

export interface Tool {
  /** Begins an option whose value is a secret, joined to it or in the next word. */
  readonly option?: RegExp;
  /** Any of its words may be one. */
  readonly takesSecrets?: boolean;
}

/** What is code in an interpreter's has texts with anything in them. */
const TOOLS: readonly (readonly [name: RegExp, what: Tool])[] = [
  [/^redis-cli$/, { option: /^-a/ }],
  [/^(?:https?|xhs?)$/, { option: /^(?:-a|--auth)/ }],
  [/^ldap\w+$/, { option: /^-w/ }],
  [/^openssl$/, { option: /^-[kK]$/ }],
  [/^curl$/, { option: /^(?:-[a-zA-Z#]*?u|-E|--cert$)/ }],
  [/^gh$/, { option: /^--body$/ }],
  [/^convertto-securestring$/i, { option: /^-string$/i }],
  [/^(?:powershell|pwsh)$/i, { option: /^-e(?:c|nc\w*)?$/i }],
  [/^(?:node|nodejs|tsx|ts-node|bun|deno)$/, { option: /^(?:-p?e|-p|--eval|--print|eval)$/ }],
  [/^(?:python|pypy)[\d.]*$/, { option: /^-[a-zA-Z]*?c/ }],
  [/^(?:perl|ruby|lua|osascript)[\d.]*$/, { option: /^-[a-zA-Z]*?[eE]/ }],
  [/^php[\d.]*$/, { option: /^-r/ }],
  [/^(?:htpasswd|sqlplus|vault)$/, { takesSecrets: true }],
];

/** The tool that a path, or a word of a command line, is the name of. */
export function tool(word: string): Tool | undefined {
  const name = /(?:^|[/\\;&|({`])([\w.+-]+?)(?:\.(?:exe|cmd|bat))?$/i.exec(word)?.[1];
  return name === undefined ? undefined : TOOLS.find(([names]) => names.test(name))?.[1];
}
