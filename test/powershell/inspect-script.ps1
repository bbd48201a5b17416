# Lists what a script is made of, a line each: the commands and .NET types it names, the members it uses, the kinds of
# its syntax nodes and operators, the variables it assigns and those it reads.
param([string]$Path)
$tokens = $null
$problems = $null
$tree = [Management.Automation.Language.Parser]::ParseFile($Path, [ref]$tokens, [ref]$problems)
foreach ($problem in $problems) { Write-Host "problem $($problem.Message)" }
$lines = [Collections.Generic.SortedSet[string]]::new([StringComparer]::Ordinal)
foreach ($token in $tokens) { $null = $lines.Add("token $($token.Kind)") }
foreach ($node in $tree.FindAll({ $true }, $true)) {
    $kind = $node.GetType().Name
    $null = $lines.Add("node $kind")
    if ($kind -eq 'CommandAst') { $null = $lines.Add("command $($node.GetCommandName())") }
    if ($kind -eq 'TypeExpressionAst' -or $kind -eq 'TypeConstraintAst') { $null = $lines.Add("type $($node.TypeName.FullName)") }
    if ($kind -eq 'MemberExpressionAst' -or $kind -eq 'InvokeMemberExpressionAst') { $null = $lines.Add("member $($node.Member.Extent.Text)") }
    if ($kind -eq 'VariableExpressionAst') { $null = $lines.Add("variable $($node.VariablePath.UserPath)") }
}
foreach ($assignment in $tree.FindAll({ $args[0].GetType().Name -match '^(AssignmentStatement|ForEachStatement)Ast$' }, $true)) {
    $left = if ($assignment.GetType().Name -eq 'ForEachStatementAst') { $assignment.Variable } else { $assignment.Left }
    foreach ($target in $left.FindAll({ $args[0].GetType().Name -eq 'VariableExpressionAst' }, $true)) {
        $null = $lines.Add("assigned $($target.VariablePath.UserPath)")
    }
}
foreach ($line in $lines) { Write-Host $line }
