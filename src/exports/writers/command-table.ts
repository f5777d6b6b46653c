/** Commands that `command:<name>` in a chain runs. */

/** `{ "s3": ["aws", "s3", "cp", "{path}", "s3://bucket/{name}"] }` */
export type CommandTable = Readonly<Record<string, CommandSpec>>;

/** The program and its arguments, with template variables; no shell. */
export type CommandSpec = readonly [string, ...string[]];
