import json,sys,collections
sys.path.insert(0,'/work/shared/spec'); import score as S
rows=[json.loads(l) for l in open('/work/shared/spec/probes-trace.jsonl')]
rows=[p for p in rows if p.get("stage") not in("import","crash")]
for i,p in enumerate(rows): p["file"]=f"probe_{i:04d}.py"
found=S.lint("python -m scriptlint",{p["file"]:S.call(p,"trace") for p in rows})
T=collections.defaultdict(collections.Counter)
for p in rows:
    if not p["diverges"]: continue
    codes={f["code"] for f in found[p["file"]] if f["target"]=="trace"}
    if len(codes)==1:
        c=codes.pop()
        T[c][(p.get("check_trace") or "?").split(":")[0]+"/"+(p.get("check_inputs") or "?").split(":")[0]]+=1
for c in sorted(T): print(c,dict(T[c]))
