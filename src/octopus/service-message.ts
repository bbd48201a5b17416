/**
 * Octopus' service messages: `##octopus[name attribute='value']`, each value as base64 of UTF-8. Octopus
 * drops a message silently when a value is anything else (Calamari's ServiceMessageParser).
 */
export function serviceMessage(name: string, attributes: Readonly<Record<string, string>> = {}): string {
  const words = Object.entries(attributes).map(([key, value]) => ` ${key}='${base64(value)}'`);
  return `##octopus[${name}${words.join('')}]`;
}

function base64(value: string): string {
  return Buffer.from(value, 'utf8').toString('base64');
}

export function setVariable(name: string, value: string): string {
  return serviceMessage('setVariable', { name, value });
}

export function resultMessage(message: string): string {
  return serviceMessage('resultMessage', { message });
}

export function maskValue(value: string): string {
  return serviceMessage('mask', { value });
}

/** A file that Octopus collects after the step, by its absolute path, with its length in bytes. */
export function createArtifact(path: string, name: string, length: number): string {
  return serviceMessage('createArtifact', { path, name, length: String(length) });
}

/** @param percentage 0 to 100 */
export function progressMessage(percentage: number, message: string): string {
  return serviceMessage('progress', { percentage: String(percentage), message });
}

/** Levels of the lines that follow, until another is set. */
export type LogLevel = 'default' | 'verbose' | 'highlight' | 'wait' | 'warning';

export function logLevel(level: LogLevel): string {
  return serviceMessage(`stdout-${level}`);
}
