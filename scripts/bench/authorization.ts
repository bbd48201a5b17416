/** The header by which the login of a step's variables reaches the site. */
export function basicAuthorization(variables: Readonly<Record<string, string>>): string {
  const login = `${variables['JsmChange.Username']}:${variables['JsmChange.Token']}`;
  return `Basic ${Buffer.from(login).toString('base64')}`;
}
