//! Several models of the same data to one: the end of a search on many machines.

use super::{Model, ParetoFront};
use crate::data::Dataset;
use crate::error::Error;
use crate::refit::ERROR_FLOOR;

impl Model {
    /// One model from the fronts of several fits of the same data, chosen by the criterion of the first. The order
    /// of the models does not matter.
    ///
    /// The report is that of the fit that found the chosen equation, with the evaluations of all of them.
    ///
    /// ```
    /// use closedform::{Dataset, Equation, Model, ParetoFront, Report};
    /// use closedform::expr::parse;
    /// use ndarray::array;
    /// let data = Dataset::from_arrays(array![[1.0], [2.0], [3.0]].view(), array![1.0, 4.0, 9.0].view())?;
    /// let model = |formula: &str, seed: u64| {
    ///     let front: ParetoFront = [Equation::of(parse(formula, &["x1"])?, &data)?].into_iter().collect();
    ///     Model::new(front, &data, Report { seed, ..Report::default() })
    /// };
    /// let merged = Model::merge(vec![model("4*x1 - 3", 0)?, model("x1*x1", 1)?], &data)?;
    /// assert_eq!(merged.formula(), "x1*x1");
    /// assert_eq!(merged.report().seed, 1);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// If there is no model, or the models are not of these data.
    pub fn merge(mut models: Vec<Model>, data: &Dataset) -> Result<Model, Error> {
        // Equal equations may differ in what they score on held-out rows: the first of a fixed order stays.
        models.sort_by_cached_key(|m| (m.report().seed, m.to_reproducible_json()));
        let Some(first) = models.first() else {
            return Err(Error::model("there is no model to merge"));
        };
        let (criterion, output) = (first.criterion(), first.output());
        for model in &models {
            let same = model.inputs().iter().map(|v| v.name.as_str()).eq(data.names())
                && Some(model.target().name.as_str()) == data.target_variable().map(|v| v.name.as_str())
                && model.output() == output;
            if !same {
                return Err(Error::model("the models to merge were not fitted on the same columns"));
            }
        }
        let data = &*data.written_out();
        let target = data.target_values().unwrap_or_default();
        let squares = target.iter().map(|y| y * y).sum::<f64>() / target.len() as f64;
        let mut front = ParetoFront::with_floor(squares * ERROR_FLOOR * ERROR_FLOOR);
        front.extend(models.iter().flat_map(|m| m.front().iter().cloned()));
        let merged =
            Model::new(front, data, first.report().clone())?.with_output(output).with_criterion(criterion);
        let found_it = models.iter().find(|m| m.front().iter().any(|e| e == merged.best()));
        let mut report = found_it.map_or_else(|| first.report().clone(), |m| m.report().clone());
        report.evaluations = models.iter().map(|m| m.report().evaluations).sum();
        if models.len() > 1 {
            report.notes.push(format!("the fronts of {} fits were merged", models.len()));
        }
        Ok(merged.with_report(report))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse;
    use crate::model::{Equation, Report};
    use ndarray::array;

    fn data() -> Dataset {
        Dataset::from_arrays(array![[1.0], [2.0], [3.0], [4.0]].view(), array![1.0, 4.0, 9.0, 16.0].view())
            .unwrap()
    }

    fn model(formulas: &[&str], seed: u64) -> Model {
        let equation = |f: &&str| Equation::of(parse(f, &["x1"]).unwrap(), &data()).unwrap();
        let report = Report { seed, evaluations: 10, ..Report::default() };
        Model::new(formulas.iter().map(equation).collect(), &data(), report).unwrap()
    }

    #[test]
    fn any_order_gives_the_same_model() {
        let (a, b, c) = (model(&["x1", "5*x1 - 5"], 0), model(&["x1*x1", "x1"], 1), model(&["exp(x1)"], 2));
        let one = Model::merge(vec![a.clone(), b.clone(), c.clone()], &data()).unwrap();
        assert_eq!(one, Model::merge(vec![c, b, a], &data()).unwrap());
        assert_eq!(one.formula(), "x1*x1");
        assert_eq!((one.report().seed, one.report().evaluations), (1, 30));
        assert_eq!(one.report().notes, ["the fronts of 3 fits were merged"]);
    }

    #[test]
    fn models_of_other_data_are_refused() {
        let other = data().named(vec![crate::Variable::new("t")], crate::Variable::new("y")).unwrap();
        assert!(
            Model::merge(vec![model(&["x1"], 0)], &other).unwrap_err().to_string().contains("same columns")
        );
        assert!(Model::merge(Vec::new(), &data()).unwrap_err().to_string().contains("no model"));
    }
}
