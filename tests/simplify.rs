//! Simplified expressions.
mod expressions;
use expressions::*;
use closedform::simplify::{Simplifier, cost};
#[test]
fn try_it() {
    let x: Vec<f64> = (0..50).map(|i| 0.5 + i as f64 * 0.05).collect();
    let y: Vec<f64> = (0..50).map(|i| 0.3 + (i * 7 % 50) as f64 * 0.05).collect();
    let z: Vec<f64> = (0..50).map(|i| -1.3 + (i * 11 % 50) as f64 * 0.05).collect();
    let t: Vec<f64> = (0..50).map(|i| (i * 13 % 50) as f64 * 0.05).collect();
    let text = std::fs::read_to_string("/tmp/simp_cases.txt").unwrap();
    let limits: Vec<(usize,usize)> = std::env::var("LIMITS").unwrap_or("4000:12".into()).split(',').map(|s| { let (a,b)=s.split_once(':').unwrap(); (a.parse().unwrap(), b.parse().unwrap())}).collect();
    let mut reference: Vec<u32> = vec![];
    for (i, (nodes, iters)) in limits.iter().enumerate() {
        let s0 = std::time::Instant::now();
        let mut total = 0; let mut worst = 0.0f64;
        for (k, s) in text.lines().enumerate() {
            let e = formula(s);
            let s1 = std::time::Instant::now();
            let n = Simplifier::new().node_limit(*nodes).iteration_limit(*iters).simplify(&e, &[&x, &y, &z, &t]);
            let ms = s1.elapsed().as_secs_f64()*1e3;
            worst = worst.max(ms);
            total += cost(&n);
            if i == 0 { reference.push(cost(&n)); }
            if std::env::var("SHOW").is_ok() || (i > 0 && reference[k] != cost(&n)) { println!("{nodes}:{iters} {s:45} => {}   {ms:.1}ms [{} -> {}] {}", show(&n), cost(&e), cost(&n), if i > 0 && reference[k] != cost(&n) {"!!"} else {""}); }
        }
        println!("LIMIT {nodes}:{iters} total cost {total} time {:.1} ms worst {worst:.1} ms", s0.elapsed().as_secs_f64()*1e3);
    }
}
