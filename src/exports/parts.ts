/** From the chains that were given to writers, each made when its turn comes. */
import { DESTINATIONS, type DestinationSettings, type Link, parseChain } from './destinations.ts';
import { errorText } from './faults.ts';
import type { Chain } from './publish-options.ts';
import { type Writer, targetOf } from './writer.ts';

export interface WriterPart {
  readonly text: string;
  /** The same writer each time. Never rejects: what cannot be made is a writer that fails. */
  make(settings: DestinationSettings): Promise<Writer>;
}

export function partsOf(to: string | Writer | readonly Chain[]): WriterPart[][] {
  const chains: readonly Chain[] = Array.isArray(to) ? (to as readonly Chain[]) : [to as string | Writer];
  return chains.map((chain) => (Array.isArray(chain) ? (chain as readonly (string | Writer)[]) : [chain as string | Writer]).flatMap(parts));
}

function parts(part: string | Writer): WriterPart[] {
  if (typeof part === 'string') {
    try {
      return parseChain(part).map((link) => once(link.text, (settings) => made(link, settings)));
    } catch (error) {
      return [once(part, () => Promise.reject(error as Error))];
    }
  }
  try {
    if (typeof part?.id !== 'string' || part.id === '' || (typeof part.write !== 'function' && typeof part.writeAll !== 'function')) throw new TypeError('a writer needs an id, and write or writeAll');
    return [once(targetOf(part), () => Promise.resolve(part))];
  } catch (error) {
    return [once('?', () => Promise.reject(error as Error))];
  }
}

async function made({ name, argument }: Link, settings: DestinationSettings): Promise<Writer> {
  return DESTINATIONS[name]!.make(argument, settings);
}

function once(text: string, make: (settings: DestinationSettings) => Promise<Writer>): WriterPart {
  let writer: Promise<Writer> | undefined;
  return {
    text,
    make: (settings) => {
      writer ??= make(settings).catch((error: unknown) => broken(text, error));
      return writer;
    },
  };
}

function broken(text: string, error: unknown): Writer {
  const name = text.split(':', 1)[0]!;
  return {
    id: Object.hasOwn(DESTINATIONS, name) ? name : 'unknown',
    target: text,
    write: () => ({ status: 'failed', errorCode: 'bad_destination', error: errorText(error) }),
  };
}
