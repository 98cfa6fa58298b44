//! Throw-away: decodes maps of many images with a grid of settings.
#![allow(clippy::all, clippy::print_stdout, clippy::unwrap_used, missing_docs)]
use fewlabel_contract::*; use fewlabel_image::*; use fewlabel_infer::*; use fewlabel_model::Package; use fewlabel_objects::*; use fewlabel_score::*;
use std::path::Path;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    // grid MODEL IMAGES LABELS SPLIT PART EVERY SCALES
    let package = Package::read(Path::new(&a[1])).unwrap();
    let forward = TractForward::new(&package).unwrap();
    let recipe = Recipe::of(&package.meta).unwrap();
    let trained = recipe.object_diameter.unwrap_or(24.0);
    let here: Option<f64> = a[8].parse().ok();
    let split: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&a[4]).unwrap()).unwrap();
    let every: usize = a[6].parse().unwrap();
    let names: Vec<String> = split[&a[5]].as_array().unwrap().iter().step_by(every).map(|v| v.as_str().unwrap().to_owned()).collect();
    let token = CancelToken::new();
    let factors: Vec<f64> = a[7].split(',').map(|s| s.parse().unwrap()).collect();
    let mut all = Vec::new();
    for name in &names {
        let image = open(&Path::new(&a[2]).join(format!("{name}.png")), &Limits::default()).unwrap();
        let truth = open_labels(&Path::new(&a[3]).join(format!("{name}.png")), &Limits::default()).unwrap();
        let mut per = Vec::new();
        for f in &factors {
            let d = here.unwrap_or(trained) / f;
            let options = SegmentOptions { object_diameter: Some(d), maps: true, ..Default::default() };
            let seg = Pipeline { forward: &forward, recipe: &recipe, options: &options }.segment(&image, &token, &mut |_, _| {}).unwrap();
            per.push((seg.factor, seg.maps.unwrap().remove(0)));
        }
        let d = median_diameter(&truth.plane(0, 0)).unwrap_or(0.0);
        all.push((name.clone(), truth, d, per));
        eprint!(".");
    }
    eprintln!();
    let run = |p: &DecodeObjects, pick: &dyn Fn(usize) -> usize| {
        let pairs = all.iter().enumerate().map(|(i, (name, truth, _, per))| {
            let (f, maps) = &per[pick(i)];
            let plane = decode_objects(maps, &p.clone().scaled(1.0 / f)).unwrap();
            Ok(LabelPair { name: name.clone(), truth: truth.clone(), prediction: LabelImage { ids: plane.data, ..truth.clone() } })
        });
        evaluate(Find::Objects, pairs).unwrap()
    };
    let show = |tag: String, r: &EvaluateResult| { let o = r.objects.as_ref().unwrap(); println!("{tag} AP50 {:.3} AP {:.3} f/m/i {} {} {}", o.ap50, o.ap_50_90, o.found, o.missed, o.invented); };
    let base = DecodeObjects::default().for_diameter(trained);
    if a.get(9).is_some() {
        let p = DecodeObjects { seed_height: 0.13, smoothing: (trained / 8.0) as f32, ..base.clone() };
        // per image: scores at each factor
        let rs: Vec<_> = (0..factors.len()).map(|k| run(&p, &|_| k)).collect();
        for i in 0..all.len() {
            let s: Vec<String> = rs.iter().map(|r| format!("{:.2}", r.images[i].objects.as_ref().unwrap().ap50)).collect();
            println!("{} true d {:.1} : {}", &all[i].0[..8.min(all[i].0.len())], all[i].2, s.join(" "));
        }
        for (k, r) in rs.iter().enumerate() { show(format!("factor {}", factors[k]), r); }
        let best: Vec<usize> = (0..all.len()).map(|i| (0..rs.len()).max_by(|x, y| rs[*x].images[i].objects.as_ref().unwrap().ap50.total_cmp(&rs[*y].images[i].objects.as_ref().unwrap().ap50)).unwrap()).collect();
        show("oracle scale".into(), &run(&p, &|i| best[i]));
        return;
    }
    let mut rows = Vec::new();
    for div in [20.0, 12.0, 8.0, 6.0] { for seed in [0.05, 0.08, 0.13, 0.2] { for (dw, cw, bw) in [(0.25, 0.75, 0.5), (0.75, 0.25, 0.5), (0.5, 0.5, 0.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.5)] { for mindiv in [20.0, 10.0] { for conf in [0.85, 0.95] {
        let area = std::f64::consts::FRAC_PI_4 * trained * trained;
        let p = DecodeObjects { smoothing: (trained / div) as f32, seed_height: seed, distance_weight: dw, centre_weight: cw, boundary_weight: bw, min_area: (area / mindiv) as usize, confidence: conf, ..base.clone() };
        let r = run(&p, &|_| 0); let o = r.objects.as_ref().unwrap();
        rows.push((o.ap50 + o.ap_50_90, format!("d/{div} seed {seed} w {dw}/{cw}/{bw} min a/{mindiv} conf {conf}"), r));
    }}}}}
    rows.sort_by(|x, y| y.0.total_cmp(&x.0));
    for (_, t, r) in rows.iter().take(14) { show(t.clone(), r); }
    println!("...");
    for key in ["d/20 seed 0.08 w 0.25/0.75/0.5 min a/20 conf 0.85", "d/8 seed 0.13 w 0.25/0.75/0.5 min a/20 conf 0.85", "d/8 seed 0.13 w 0.25/0.75/0.5 min a/10 conf 0.85","d/6 seed 0.13 w 0.25/0.75/0.5 min a/10 conf 0.85"] { for (_, t, r) in &rows { if t == key { show(t.clone(), r); } } }
}
