/**
 * So many Octopus variables: those of a deployment that reach the action, and others of a project, which a launcher
 * has to look at and to leave where they are.
 */
export function manyVariables(
  ofDeployment: Readonly<Record<string, string>>,
  count: number,
): Readonly<Record<string, string>> {
  // Octopus has no variable for the tenant of a deployment without one.
  const there = Object.entries(ofDeployment).filter(
    ([name, value]) => value !== '' || !name.startsWith('Octopus.Deployment.'),
  );
  if (there.length > count)
    throw new Error(`A deployment has ${there.length} variables, more than ${count}.`);
  const others = Array.from({ length: count - there.length }, (_, index) => [
    `Acme.WebSite.Setting[${index}].Value`,
    `A value of the project, number ${index}`,
  ]);
  return Object.fromEntries([...there, ...others]);
}
