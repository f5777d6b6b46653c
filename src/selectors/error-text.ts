/** The texts of a driver's error, for who has asked for them. */
import type { Attributes } from '@opentelemetry/api';
import { ATTR } from '../conventions.ts';
import { scrubMessage } from './redaction.ts';
import type { SelectorSettings } from './settings.ts';

const MAX_FRAMES = 20;
const FRAME = /^\s+at .+:\d+:\d+\)?$/;

/** Its message without texts, and its frames alone: between them drivers put call logs, with what was typed and found. */
export function scrubError(error: unknown, settings: SelectorSettings): Attributes {
  const { message, stack } = error as Partial<Error>;
  const frames = typeof stack === 'string' ? stack.split('\n').filter((line) => line.length < 512 && FRAME.test(line)).slice(0, MAX_FRAMES) : [];
  return {
    ...(typeof message === 'string' && { [ATTR.EXCEPTION_MESSAGE]: scrubMessage(message, settings) }),
    ...(frames.length > 0 && { [ATTR.EXCEPTION_STACKTRACE]: frames.join('\n') }),
  };
}
